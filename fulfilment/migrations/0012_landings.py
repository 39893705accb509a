"""How what is granted lands in the consumer's catalog may change while the grant lives; it is the web's to write."""

from django.db import migrations, models

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    GRANT UPDATE (moved_to, moved_at) ON fulfilment_intent TO meshmarket_web;
    GRANT DELETE ON fulfilment_justification TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0011_intents_of_a_principal'), ('identity', '0004_table_links')]
    operations = [
        migrations.AddField(
            model_name='intent', name='moved_to',
            field=models.CharField(blank=True, choices=[('database', 'database link'), ('tables', 'table links')], help_text="how it lands in the consumer's catalog since the account's admins chose another way than `wanted`", max_length=10, default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='intent', name='moved_at',
            field=models.PositiveIntegerField(default=0, help_text='the generation since which it does'),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
