from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("identity", "0003_own_passwords"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", editable=False, help_text="code of the language of pages; empty: as the browser asks", max_length=10),
        ),
    ]
