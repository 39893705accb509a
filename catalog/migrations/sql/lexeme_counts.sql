-- Counts in how many documents that everyone may find each lexeme is: words as they are, their stems, and numbers.
-- Each statement on documents adds rows with what it changed, so that no writer waits for another; they are folded
-- into the counts from time to time (`catalog.search.index.vocabulary`). A statement that changes very many documents
-- adds a row without a lexeme: everything must be counted again, which is cheaper.

CREATE VIEW catalog_lexeme_documents AS
SELECT lexeme, documents FROM catalog_lexemecount UNION ALL SELECT lexeme, documents FROM catalog_lexemechange;

DO $make$
DECLARE
  most_documents CONSTANT int := 200;
  nothing CONSTANT text := 'SELECT NULL::tsvector AS search LIMIT 0';
  changed CONSTANT text := 'SELECT %1$s.search FROM new_rows JOIN old_rows USING (id) WHERE %1$s.visibility = 1
    AND (%2$s.visibility <> 1 OR new_rows.search IS DISTINCT FROM old_rows.search)';
  event text;
  came text;
  went text;
  transition text;
BEGIN
  FOR event, came, went, transition IN VALUES
      ('INSERT', 'SELECT search FROM new_rows WHERE visibility = 1', nothing, 'NEW TABLE AS new_rows'),
      ('UPDATE', format(changed, 'new_rows', 'old_rows'), format(changed, 'old_rows', 'new_rows'),
        'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
      ('DELETE', nothing, 'SELECT search FROM old_rows WHERE visibility = 1', 'OLD TABLE AS old_rows') LOOP
    EXECUTE format($function$
CREATE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH came AS MATERIALIZED (%2$s), went AS MATERIALIZED (%3$s),
  size AS (SELECT greatest((SELECT count(*) FROM came), (SELECT count(*) FROM went)) AS documents)
  INSERT INTO catalog_lexemechange (lexeme, documents)
  SELECT lexeme, sum(change) FROM (
    SELECT unnest(tsvector_to_array(search)) AS lexeme, 1 AS change FROM came
    UNION ALL SELECT unnest(tsvector_to_array(search)), -1 FROM went) AS changes
  WHERE (SELECT documents FROM size) <= %4$s GROUP BY lexeme HAVING sum(change) <> 0
  UNION ALL SELECT '', 0 FROM size WHERE documents > %4$s;
  RETURN NULL;
END $$$function$, 'catalog_count_lexemes_' || lower(event), came, went, most_documents);
    EXECUTE format(
      'CREATE TRIGGER %1$I AFTER %2$s ON catalog_document REFERENCING %3$s FOR EACH STATEMENT EXECUTE FUNCTION %1$I()',
      'catalog_count_lexemes_' || lower(event), event, transition);
  END LOOP;
END $make$;
