"""What the search finds becomes a table of its own, which the database keeps true by itself; see `catalog.entries`."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

STORED = """
ALTER TABLE catalog_entry SET (toast_tuple_target = 128);
ALTER TABLE catalog_entry ALTER search SET STORAGE EXTERNAL, ALTER names SET STORAGE MAIN,
  ALTER name SET STORAGE MAIN, ALTER domain SET STORAGE MAIN, ALTER domain_label SET STORAGE MAIN,
  ALTER tier SET STORAGE MAIN, ALTER producer SET STORAGE MAIN, ALTER producer_label SET STORAGE MAIN,
  ALTER owner SET STORAGE MAIN, ALTER team SET STORAGE MAIN, ALTER team_label SET STORAGE MAIN,
  ALTER region SET STORAGE MAIN, ALTER format SET STORAGE MAIN, ALTER tag SET STORAGE MAIN,
  ALTER classification SET STORAGE MAIN;
CREATE FUNCTION catalog_classes_of_table(given bigint) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY(SELECT DISTINCT said.one FROM (
    SELECT classification::text AS one FROM catalog_table WHERE id = given
    UNION ALL SELECT classification FROM catalog_column WHERE table_id = given) AS said
  WHERE said.one <> '' ORDER BY said.one) $$;
CREATE FUNCTION catalog_tags_of_table(given jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY(SELECT said.key || '=' || said.value FROM jsonb_each_text(given) AS said ORDER BY 1) $$;
"""

# A table of a product is found in the product; of one that is not published yet, nowhere.
TABLES = """
CREATE FUNCTION catalog_write_tables(given bigint[], is_new boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- Who hides a table and who writes it wait for each other; each statement below sees what the other committed.
  IF NOT is_new THEN
    PERFORM FROM catalog_table WHERE id = ANY(given) ORDER BY id FOR NO KEY UPDATE;
  END IF;
  DELETE FROM catalog_entry e WHERE e.is_table AND e.thing = ANY(given) AND NOT EXISTS (
    SELECT FROM catalog_table t WHERE t.id = e.thing AND t.tombstoned_at IS NULL
      AND NOT EXISTS (SELECT FROM catalog_producttable l WHERE l.table_id = t.id));
  INSERT INTO catalog_entry AS known (is_table, thing, name, domain, domain_label, tier, producer, producer_label,
    owner, team, team_label, region, format, tag, classification, names, search, type, fresh, is_empty, completeness)
  SELECT true, t.id, lower(t.name), d.slug, d.name, nullif(t.tags ->> 'tier', ''),
    coalesce(maker.account_id, a.account_id), coalesce(maker.name, a.name), t.owner, g.slug, g.name,
    ARRAY[k.region::text], array_remove(ARRAY[t.data_format::text], ''), catalog_tags_of_table(t.tags),
    catalog_classes_of_table(t.id), ts_filter(t.search, '{a}'), t.search,
    CASE WHEN t.view <> '{}' OR t.kind ILIKE '%view%' THEN 'view' ELSE 'table' END,
    coalesce(nullif(t.glue_updated_at, ''), t.glue_created_at), false,
    ((t.description <> '')::int + (t.owner <> '')::int + (t.tags ? 'tier')::int) / 3.0
  FROM catalog_table t
  JOIN catalog_database b ON b.id = t.database_id
  JOIN identity_connectedcatalog k ON k.id = b.catalog_id
  JOIN identity_account a ON a.id = k.account_id
  LEFT JOIN catalog_domain d ON d.id = b.domain_id
  LEFT JOIN identity_team g ON g.id = d.owner_team_id
  LEFT JOIN LATERAL (SELECT account_id, name FROM identity_account
    WHERE team_id = d.owner_team_id AND is_producer ORDER BY id LIMIT 1) maker ON true
  WHERE t.id = ANY(given) AND t.tombstoned_at IS NULL
    AND NOT EXISTS (SELECT FROM catalog_producttable l WHERE l.table_id = t.id)
  ORDER BY t.id
  ON CONFLICT (is_table, thing) DO UPDATE SET (name, domain, domain_label, tier, producer, producer_label,
    owner, team, team_label, region, format, tag, classification, names, search, type, fresh, is_empty, completeness) = (excluded.name, excluded.domain,
    excluded.domain_label, excluded.tier, excluded.producer, excluded.producer_label, excluded.owner, excluded.team,
    excluded.team_label, excluded.region, excluded.format, excluded.tag, excluded.classification, excluded.names,
    excluded.search, excluded.type, excluded.fresh, excluded.is_empty, excluded.completeness)
  WHERE (known.name, known.domain, known.domain_label, known.tier, known.producer, known.producer_label, known.owner,
    known.team, known.team_label, known.region, known.format, known.tag, known.classification, known.search,
    known.type, known.fresh, known.is_empty, known.completeness)
    IS DISTINCT FROM (excluded.name, excluded.domain, excluded.domain_label, excluded.tier, excluded.producer,
    excluded.producer_label, excluded.owner, excluded.team, excluded.team_label, excluded.region, excluded.format,
    excluded.tag, excluded.classification, excluded.search, excluded.type, excluded.fresh, excluded.is_empty, excluded.completeness);
END $$;
"""

PRODUCTS = """
CREATE FUNCTION catalog_write_products(given bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(cardinality(given), 0) = 0 THEN RETURN; END IF;
  PERFORM FROM catalog_dataproduct WHERE id = ANY(given) ORDER BY id FOR NO KEY UPDATE;
  DELETE FROM catalog_entry e WHERE NOT e.is_table AND e.thing = ANY(given) AND NOT EXISTS (
    SELECT FROM catalog_dataproduct p WHERE p.id = e.thing AND p.is_published);
  INSERT INTO catalog_entry AS known (is_table, thing, name, domain, domain_label, tier, producer, producer_label,
    owner, team, team_label, region, format, tag, classification, names, search, type, fresh, is_empty, completeness)
  SELECT false, p.id, lower(p.name), d.slug, d.name, p.tier, maker.account_id, maker.name, o.name, g.slug, g.name,
    coalesce(made.region, '{}'), coalesce(made.format, '{}'),
    ARRAY(SELECT DISTINCT said FROM catalog_producttable l
      JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
      CROSS JOIN LATERAL unnest(catalog_tags_of_table(t.tags)) AS said WHERE l.product_id = p.id ORDER BY said),
    ARRAY(SELECT DISTINCT said FROM catalog_producttable l
      JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
      CROSS JOIN LATERAL unnest(catalog_classes_of_table(t.id)) AS said WHERE l.product_id = p.id ORDER BY said),
    ts_filter(p.search, '{a}'), p.search, 'product', made.fresh, made.tables = 0,
    ((p.description <> '')::int + (p.keywords <> '{}')::int + (p.refresh <> '')::int) / 3.0
  FROM catalog_dataproduct p
  JOIN identity_person o ON o.id = p.owner_id
  JOIN catalog_domain d ON d.id = p.domain_id
  JOIN identity_team g ON g.id = d.owner_team_id
  LEFT JOIN LATERAL (SELECT account_id, name FROM identity_account
    WHERE team_id = d.owner_team_id AND is_producer ORDER BY id LIMIT 1) maker ON true
  LEFT JOIN LATERAL (
    SELECT count(*) AS tables,
      max(coalesce(nullif(t.glue_updated_at, ''), t.glue_created_at)::text COLLATE "C") AS fresh,
      array_agg(DISTINCT k.region::text) AS region,
      array_agg(DISTINCT t.data_format::text) FILTER (WHERE t.data_format <> '') AS format
    FROM catalog_producttable l
    JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
    JOIN catalog_database b ON b.id = t.database_id
    JOIN identity_connectedcatalog k ON k.id = b.catalog_id
    WHERE l.product_id = p.id) made ON true
  WHERE p.id = ANY(given) AND p.is_published
  ORDER BY p.id
  ON CONFLICT (is_table, thing) DO UPDATE SET (name, domain, domain_label, tier, producer, producer_label,
    owner, team, team_label, region, format, tag, classification, names, search, type, fresh, is_empty, completeness) = (excluded.name, excluded.domain,
    excluded.domain_label, excluded.tier, excluded.producer, excluded.producer_label, excluded.owner, excluded.team,
    excluded.team_label, excluded.region, excluded.format, excluded.tag, excluded.classification, excluded.names,
    excluded.search, excluded.type, excluded.fresh, excluded.is_empty, excluded.completeness)
  WHERE (known.name, known.domain, known.domain_label, known.tier, known.producer, known.producer_label, known.owner,
    known.team, known.team_label, known.region, known.format, known.tag, known.classification, known.search,
    known.type, known.fresh, known.is_empty, known.completeness)
    IS DISTINCT FROM (excluded.name, excluded.domain, excluded.domain_label, excluded.tier, excluded.producer,
    excluded.producer_label, excluded.owner, excluded.team, excluded.team_label, excluded.region, excluded.format,
    excluded.tag, excluded.classification, excluded.search, excluded.type, excluded.fresh, excluded.is_empty, excluded.completeness);
END $$;
CREATE FUNCTION catalog_write_tables_and_products(given bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(cardinality(given), 0) = 0 THEN RETURN; END IF;
  PERFORM catalog_write_tables(given);
  PERFORM catalog_write_products(ARRAY(SELECT DISTINCT product_id FROM catalog_producttable WHERE table_id = ANY(given)));
END $$;
CREATE FUNCTION catalog_write_databases(given bigint[]) RETURNS void LANGUAGE sql AS $$
  SELECT catalog_write_tables_and_products(
    ARRAY(SELECT id FROM catalog_table WHERE database_id = ANY(given) AND tombstoned_at IS NULL)) $$;
CREATE FUNCTION catalog_write_domains(given bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM catalog_write_databases(ARRAY(SELECT id FROM catalog_database WHERE domain_id = ANY(given)));
  PERFORM catalog_write_products(ARRAY(SELECT id FROM catalog_dataproduct WHERE domain_id = ANY(given)));
END $$;
"""

# What a table or product is made of itself.
OF_THEM = """
CREATE FUNCTION catalog_table_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM catalog_write_tables(ARRAY(SELECT id FROM now_there), true);
  RETURN NULL;
END $$;
CREATE FUNCTION catalog_table_altered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM catalog_write_tables_and_products(ARRAY(
    SELECT n.id FROM now_there n JOIN was_there w USING (id)
    WHERE (n.name, n.owner, n.data_format, n.tags, n.classification, n.tombstoned_at, n.search, n.database_id, n.kind,
        n.view, n.glue_updated_at)
      IS DISTINCT FROM (w.name, w.owner, w.data_format, w.tags, w.classification, w.tombstoned_at, w.search,
        w.database_id, w.kind, w.view, w.glue_updated_at)));
  RETURN NULL;
END $$;
CREATE FUNCTION catalog_table_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM catalog_write_tables_and_products(ARRAY(SELECT id FROM was_there));
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_entry_made AFTER INSERT ON catalog_table REFERENCING NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_table_made();
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON catalog_table
  REFERENCING OLD TABLE AS was_there NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_table_altered();
CREATE TRIGGER catalog_entry_gone AFTER DELETE ON catalog_table REFERENCING OLD TABLE AS was_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_table_gone();

CREATE FUNCTION catalog_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM catalog_write_products(ARRAY(SELECT id FROM was_there));
  ELSE
    PERFORM catalog_write_products(ARRAY(SELECT id FROM now_there));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_entry_made AFTER INSERT ON catalog_dataproduct REFERENCING NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_changed();
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON catalog_dataproduct REFERENCING NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_changed();
CREATE TRIGGER catalog_entry_gone AFTER DELETE ON catalog_dataproduct REFERENCING OLD TABLE AS was_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_changed();

CREATE FUNCTION catalog_product_table_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE given bigint[]; products bigint[];
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT array_agg(table_id), array_agg(DISTINCT product_id) INTO given, products FROM was_there;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT given || array_agg(table_id), products || array_agg(DISTINCT product_id) INTO given, products FROM now_there;
  END IF;
  PERFORM catalog_write_tables(given);
  PERFORM catalog_write_products(products);
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_entry_made AFTER INSERT ON catalog_producttable REFERENCING NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_table_changed();
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON catalog_producttable
  REFERENCING OLD TABLE AS was_there NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_table_changed();
CREATE TRIGGER catalog_entry_gone AFTER DELETE ON catalog_producttable REFERENCING OLD TABLE AS was_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_table_changed();

CREATE FUNCTION catalog_classify(given bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE catalog_entry e SET classification = said.classes
  FROM (SELECT id, catalog_classes_of_table(id) AS classes FROM unnest(given) AS id) AS said
  WHERE e.is_table AND e.thing = said.id AND e.classification <> said.classes;
  PERFORM catalog_write_products(ARRAY(SELECT DISTINCT product_id FROM catalog_producttable WHERE table_id = ANY(given)));
END $$;
CREATE FUNCTION catalog_columns_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM catalog_classify(ARRAY(SELECT DISTINCT table_id FROM was_there));
  ELSE
    PERFORM catalog_classify(ARRAY(SELECT DISTINCT table_id FROM now_there));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_entry_made AFTER INSERT ON catalog_column REFERENCING NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_columns_changed();
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON catalog_column REFERENCING NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_columns_changed();
CREATE TRIGGER catalog_entry_gone AFTER DELETE ON catalog_column REFERENCING OLD TABLE AS was_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_columns_changed();
"""

# What they are called by: rare changes, a row each.
AROUND_THEM = """
CREATE FUNCTION catalog_named_anew() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  CASE TG_TABLE_NAME
  WHEN 'catalog_database' THEN PERFORM catalog_write_databases(ARRAY[NEW.id]);
  WHEN 'catalog_domain' THEN PERFORM catalog_write_domains(ARRAY[NEW.id]);
  WHEN 'identity_team' THEN
    PERFORM catalog_write_domains(ARRAY(SELECT id FROM catalog_domain WHERE owner_team_id = NEW.id));
  WHEN 'identity_person' THEN
    PERFORM catalog_write_products(ARRAY(SELECT id FROM catalog_dataproduct WHERE owner_id = NEW.id));
  END CASE;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON catalog_database FOR EACH ROW
  WHEN ((OLD.domain_id, OLD.catalog_id) IS DISTINCT FROM (NEW.domain_id, NEW.catalog_id))
  EXECUTE FUNCTION catalog_named_anew();
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON catalog_domain FOR EACH ROW
  WHEN ((OLD.slug, OLD.name, OLD.owner_team_id) IS DISTINCT FROM (NEW.slug, NEW.name, NEW.owner_team_id))
  EXECUTE FUNCTION catalog_named_anew();
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON identity_team FOR EACH ROW
  WHEN ((OLD.slug, OLD.name) IS DISTINCT FROM (NEW.slug, NEW.name)) EXECUTE FUNCTION catalog_named_anew();
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON identity_person FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION catalog_named_anew();
CREATE FUNCTION catalog_account_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM catalog_write_domains(ARRAY(SELECT id FROM catalog_domain WHERE owner_team_id IN (NEW.team_id, OLD.team_id)));
  PERFORM catalog_write_databases(ARRAY(SELECT b.id FROM catalog_database b
    JOIN identity_connectedcatalog k ON k.id = b.catalog_id WHERE k.account_id IN (NEW.id, OLD.id)));
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_entry_made AFTER INSERT OR DELETE ON identity_account FOR EACH ROW
  EXECUTE FUNCTION catalog_account_changed();
CREATE TRIGGER catalog_entry_altered AFTER UPDATE ON identity_account FOR EACH ROW
  WHEN ((OLD.account_id, OLD.name, OLD.team_id, OLD.is_producer)
    IS DISTINCT FROM (NEW.account_id, NEW.name, NEW.team_id, NEW.is_producer))
  EXECUTE FUNCTION catalog_account_changed();
"""

_SAID = """SELECT f.facet, f.value, coalesce(f.label, '') AS label, {sign} AS entries FROM {rows} e
    CROSS JOIN LATERAL (
      VALUES ('total', CASE WHEN e.is_table THEN 'table' ELSE 'product' END, ''), ('domain', e.domain, e.domain_label),
        ('type', e.type, ''), ('day', left(e.fresh, 10), ''), ('empty', CASE WHEN e.is_empty THEN '' END, ''),
        ('team', e.team, e.team_label), ('tier', e.tier, ''), ('producer', e.producer, e.producer_label)
      UNION ALL SELECT 'classification', one, '' FROM unnest(e.classification) AS one
      UNION ALL SELECT 'region', one, '' FROM unnest(e.region) AS one
      UNION ALL SELECT 'format', one, '' FROM unnest(e.format) AS one
      UNION ALL SELECT 'tag', one, '' FROM unnest(e.tag) AS one
        WHERE split_part(one, '=', 1) NOT IN ('tier', 'confidentiality')
    ) AS f(facet, value, label) WHERE f.value IS NOT NULL"""
_COUNTED = """
CREATE FUNCTION catalog_count_{name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO catalog_facetcount (facet, value, label, entries)
  SELECT facet, value, label, sum(entries) FROM ({said}) AS said GROUP BY 1, 2, 3 HAVING sum(entries) <> 0;
  IF FOUND THEN PERFORM catalog_fold_counts(); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_entry_counted_{name} AFTER {event} ON catalog_entry REFERENCING {tables}
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_count_{name}();
"""
_NEW, _OLD = _SAID.format(sign="1", rows="now_there"), _SAID.format(sign="-1", rows="was_there")
FOLD = """
CREATE FUNCTION catalog_fold_counts() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- One writer at a time; the others leave it at appending.
  IF (SELECT count(*) FROM catalog_facetcount) > 1000 AND pg_try_advisory_xact_lock(5207118) THEN
    WITH gone AS (DELETE FROM catalog_facetcount RETURNING facet, value, label, entries)
    INSERT INTO catalog_facetcount (facet, value, label, entries)
    SELECT facet, value, label, sum(entries) FROM gone GROUP BY 1, 2, 3 HAVING sum(entries) <> 0;
  END IF;
END $$;
"""
COUNTS = FOLD + "".join(
    _COUNTED.format(name=name, event=event, tables=tables, said=said)
    for name, event, tables, said in (
        ("made", "INSERT", "NEW TABLE AS now_there", _NEW),
        ("gone", "DELETE", "OLD TABLE AS was_there", _OLD),
        ("altered", "UPDATE", "OLD TABLE AS was_there NEW TABLE AS now_there", f"{_NEW} UNION ALL {_OLD}"),
    )
)

FILL = """
SELECT catalog_write_tables(ARRAY(SELECT id FROM catalog_table WHERE tombstoned_at IS NULL));
SELECT catalog_write_products(ARRAY(SELECT id FROM catalog_dataproduct));
"""
DROP = """
DROP FUNCTION IF EXISTS catalog_table_made, catalog_table_altered, catalog_table_gone, catalog_product_changed,
  catalog_product_table_changed, catalog_columns_changed, catalog_named_anew, catalog_account_changed,
  catalog_count_made, catalog_count_gone, catalog_count_altered CASCADE;
DROP FUNCTION IF EXISTS catalog_fold_counts, catalog_classify, catalog_write_domains, catalog_write_databases,
  catalog_write_tables_and_products, catalog_write_products, catalog_write_tables, catalog_tags_of_table,
  catalog_classes_of_table;
"""


def _words(*names):
    return [(name, models.TextField(null=True)) for name in names]


def _lists(*names):
    return [
        (name, django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None))
        for name in names
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_glossary_and_kept_searches"),
        ("identity", "0003_connections_and_checkups"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_table", models.BooleanField()),
                ("thing", models.BigIntegerField()),
                ("type", models.TextField(help_text="product, table or view")),
                ("name", models.TextField(help_text="in lower case: what it is sorted by")),
                *_words("domain", "domain_label", "tier", "producer", "producer_label", "owner", "team", "team_label"),
                *_lists("region", "format", "tag", "classification"),
                (
                    "fresh",
                    models.TextField(db_collation="C", help_text="the last change, UTC in ISO 8601", null=True),
                ),
                (
                    "is_empty",
                    models.BooleanField(help_text="a product without a live table: nobody can ask for it"),
                ),
                (
                    "completeness",
                    models.FloatField(help_text="the share of what its owner should tell that is told, 0 to 1"),
                ),
                ("names", django.contrib.postgres.search.SearchVectorField(null=True)),
                ("search", django.contrib.postgres.search.SearchVectorField(null=True)),
            ],
            options={
                "verbose_name_plural": "entries",
                "indexes": [
                    models.Index(fields=["is_table", "name", "thing"], name="catalog_entry_by_name"),
                    models.Index(fields=["is_table", "-thing"], name="catalog_entry_by_age"),
                    models.Index(fields=["fresh"], name="catalog_entry_by_freshness"),
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["search"], name="catalog_entry_search"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("is_table", "thing"), name="catalog_entry_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="FacetCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("facet", models.TextField()),
                ("value", models.TextField()),
                ("label", models.TextField()),
                ("entries", models.IntegerField(help_text="how many more, or fewer")),
            ],
        ),
        migrations.RemoveIndex(model_name="table", name="catalog_table_search"),
        migrations.RemoveIndex(model_name="dataproduct", name="catalog_product_search"),
        migrations.RunSQL(STORED + TABLES + PRODUCTS + OF_THEM + AROUND_THEM + COUNTS + FILL, DROP),
    ]
