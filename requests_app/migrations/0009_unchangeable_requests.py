"""The guard of requests names the columns that may change, instead of those that may not."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("requests", "0008_write_request_states")]

    operations = [migrations.RunSQL((SQL / "unchangeable_requests_0009.sql").read_text())]
