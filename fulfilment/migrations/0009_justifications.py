"""Justifications: what intents want, permission by permission; and the sets of columns as the database computes them."""

from django.db import migrations

COLUMNS = """
CREATE FUNCTION fulfilment_columns_not(a jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a ? 'include' THEN jsonb_build_object('except', a->'include')
              ELSE jsonb_build_object('include', a->'except') END
$$;
CREATE FUNCTION fulfilment_names_without(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT a - ARRAY(SELECT jsonb_array_elements_text(b))
$$;
CREATE FUNCTION fulfilment_columns_and(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN a ? 'include' AND b ? 'include' THEN jsonb_build_object('include', fulfilment_names_without(
           a->'include', fulfilment_names_without(a->'include', b->'include')))
    WHEN a ? 'include' THEN jsonb_build_object('include', fulfilment_names_without(a->'include', b->'except'))
    WHEN b ? 'include' THEN jsonb_build_object('include', fulfilment_names_without(b->'include', a->'except'))
    ELSE jsonb_build_object('except', (a->'except') || fulfilment_names_without(b->'except', a->'except'))
  END
$$;
CREATE FUNCTION fulfilment_columns_minus(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a IS NULL OR b IS NULL THEN a
              WHEN a = b THEN '{"include": []}'::jsonb
              ELSE fulfilment_columns_and(a, fulfilment_columns_not(b)) END
$$;
CREATE FUNCTION fulfilment_columns_or(a jsonb, b jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF a = b THEN
    RETURN a;
  END IF;
  RETURN fulfilment_columns_not(fulfilment_columns_and(fulfilment_columns_not(a), fulfilment_columns_not(b)));
END $$;
CREATE AGGREGATE fulfilment_columns_union(jsonb) (
  SFUNC = fulfilment_columns_or, STYPE = jsonb, COMBINEFUNC = fulfilment_columns_or, PARALLEL = SAFE
);
"""

NO_COLUMNS = """
DROP AGGREGATE fulfilment_columns_union(jsonb);
DROP FUNCTION fulfilment_columns_or(jsonb, jsonb), fulfilment_columns_minus(jsonb, jsonb),
  fulfilment_columns_and(jsonb, jsonb), fulfilment_names_without(jsonb, jsonb), fulfilment_columns_not(jsonb);
"""

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON fulfilment_justification FROM meshmarket_web;
    GRANT UPDATE (columns) ON fulfilment_justification TO meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_justification FROM meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0008_role_queries'), ('identity', '0002_local_groups')]
    operations = [
        migrations.RunSQL(COLUMNS, NO_COLUMNS),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
