"""Two more roles, whose yes a policy may want."""
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0005_held_columns'),
    ]

    operations = [
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('member', 'member'), ('developer', 'data product developer'), ('data_owner', 'data owner'), ('account_admin', 'account admin'), ('lead', 'lead')], default='member', max_length=20),
        ),
        migrations.AlterField(
            model_name='platformrole',
            name='role',
            field=models.CharField(choices=[('governance_admin', 'governance admin'), ('steward', 'steward'), ('privacy', 'privacy officer'), ('auditor', 'auditor')], max_length=20),
        ),
    ]
