"""What the web requests of workers, it requests in the name of a person."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("audit", "0002_functions_and_triggers")]

    operations = [migrations.RunSQL((SQL / "requests_of_people_0003.sql").read_text())]
