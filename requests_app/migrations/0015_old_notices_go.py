"""A worker removes notices, letters and deliveries that were kept long enough."""

from django.db import migrations

MAY_REMOVE = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    GRANT DELETE ON requests_notice, requests_letter, requests_delivery TO meshmarket_worker;
  END IF;
END $$;
"""

MAY_NOT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE DELETE ON requests_notice, requests_letter, requests_delivery FROM meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0014_what_rules_demand')]
    operations = [
        migrations.RunSQL(MAY_REMOVE, MAY_NOT),
    ]
