"""Tables of no domain are added to no product."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("catalog", "0003_slugs")]

    operations = [migrations.RunSQL((SQL / "product_tables_0004.sql").read_text())]
