"""A document's facets as two numbers: alike in documents that say the same, so that a search counts numbers; see ADR 37."""

from django.db import migrations

# Each value is hashed under a seed of its own, as an empty array has the same hash under any.
CODES = """
ALTER TABLE catalog_document ADD said_code bigint NOT NULL GENERATED ALWAYS AS (
  hashint8extended(coalesce(domain, 0), 1) # hashint8extended(coalesce(account, 0), 2)
  # hashtextextended(kind, 3) # hashtextextended(coalesce(tier, ''), 4) # hash_array_extended(region, 5)
  # hash_array_extended(format, 6) # hash_array_extended(classification, 7) # hashint8extended(is_empty::int, 8)) STORED,
  ADD tag_code bigint NOT NULL GENERATED ALWAYS AS (hash_array_extended(tag, 9)) STORED;
"""
DROPPED = "ALTER TABLE catalog_document DROP said_code, DROP tag_code;"


class Migration(migrations.Migration):
    dependencies = [('catalog', '0010_found_by_everyone')]
    operations = [migrations.RunSQL(CODES, DROPPED)]
