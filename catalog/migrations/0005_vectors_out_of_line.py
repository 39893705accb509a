from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0004_glossary_and_kept_searches")]

    operations: ClassVar = [
        # A vector is hardly smaller when PostgreSQL compresses it, and ranking a hit would unpack it each time.
        migrations.RunSQL(
            "ALTER TABLE catalog_table ALTER COLUMN search SET STORAGE EXTERNAL",
            "ALTER TABLE catalog_table ALTER COLUMN search SET STORAGE EXTENDED",
        )
    ]
