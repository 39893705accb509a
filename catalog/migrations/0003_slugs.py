"""Slugs are unique without regard to case; `identity.keys` normalizes them."""

from pathlib import Path

from django.db import migrations, models
from django.db.models.functions import Lower

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("catalog", "0002_functions_and_triggers")]

    operations = [
        migrations.RunSQL(
            (SQL / "slugs_0003.sql").read_text(),
            state_operations=[
                migrations.AddConstraint(
                    "domain", models.UniqueConstraint(Lower("slug"), name="catalog_domain_slug_any_case")
                ),
                migrations.AddConstraint(
                    "dataproduct", models.UniqueConstraint(Lower("slug"), name="catalog_product_slug_any_case")
                ),
                migrations.AddConstraint(
                    "term", models.UniqueConstraint(Lower("slug"), name="catalog_term_slug_any_case")
                ),
            ],
        )
    ]
