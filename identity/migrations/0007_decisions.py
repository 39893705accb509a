"""The guard that all tables of decisions share."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("identity", "0006_token_creators")]

    operations = [migrations.RunSQL(Path(__file__).with_name("sql").joinpath("decisions_0007.sql").read_text())]
