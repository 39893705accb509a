-- What a reading of Glue changes waits for its number in the change feed: see `catalog.change_feed.models`.

CREATE FUNCTION catalog_tables_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_pendingchange (at, kind, action, table_id, data)
  SELECT meshmarket_now(), 'table', 'added', added.id, '{}' FROM added WHERE added.tombstoned_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER change_feed_added AFTER INSERT ON catalog_table REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_tables_added();

CREATE FUNCTION catalog_table_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_pendingchange (at, kind, action, table_id, data)
  VALUES (meshmarket_now(), 'table', CASE WHEN NEW.tombstoned_at IS NULL THEN 'added' ELSE 'removed' END, NEW.id, '{}');
  RETURN NULL;
END $$;
CREATE TRIGGER change_feed_removed AFTER UPDATE ON catalog_table FOR EACH ROW
  WHEN ((OLD.tombstoned_at IS NULL) <> (NEW.tombstoned_at IS NULL)) EXECUTE FUNCTION catalog_table_removed();

CREATE FUNCTION catalog_table_classified() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_pendingchange (at, kind, action, table_id, data)
  VALUES (meshmarket_now(), 'classification', 'changed', NEW.id, jsonb_build_object(
    'before', OLD.classification, 'after', NEW.classification,
    'classes_before', OLD.classes, 'classes_after', NEW.classes));
  RETURN NULL;
END $$;
CREATE TRIGGER change_feed_classified AFTER UPDATE ON catalog_table FOR EACH ROW
  WHEN (OLD.classification <> NEW.classification OR OLD.classes <> NEW.classes)
  EXECUTE FUNCTION catalog_table_classified();

CREATE FUNCTION catalog_schemas_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_pendingchange (at, kind, action, table_id, data)
  SELECT changed.seen_at, 'table', 'schema_changed', changed.table_id, jsonb_build_object('is_breaking', changed.is_breaking)
    FROM changed;
  RETURN NULL;
END $$;
CREATE TRIGGER change_feed_schema AFTER INSERT ON catalog_schemachange REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_schemas_changed();

INSERT INTO catalog_changefeedposition (id, seal_seq, change_seq) VALUES (1, 0, 0);
