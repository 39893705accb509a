"""Access reviews mark the pages of data products that show their deadlines."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("requests", "0006_orders_of_governors")]

    operations = [migrations.RunSQL((SQL / "access_review_marks_0007.sql").read_text())]
