from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_derivation_states")]

    operations = [
        migrations.AddField(
            "domain",
            "description",
            models.TextField(
                blank=True,
                default="",
                help_text="What its data is about, for those who look for data.",
            ),
            preserve_default=False,
        ),
    ]
