-- A name without case, accents, blanks and punctuation, so that each spelling of it is equal.

CREATE FUNCTION catalog_exact_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT nullif(regexp_replace(translate(replace(lower(normalize(name, NFKD)), 'ß', 'ss'), 'øłđ', 'old'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u0300-\u036f\u2000-\u206f]', '', 'g'), '')
$$;

-- What a search may name exactly (`catalog.search.exact_names`).

CREATE INDEX catalog_product_exact_name ON catalog_dataproduct (catalog_exact_key(name));
CREATE INDEX catalog_product_exact_slug ON catalog_dataproduct (catalog_exact_key(slug));
CREATE INDEX catalog_table_exact_name ON catalog_table (catalog_exact_key(name)) WHERE tombstoned_at IS NULL;
CREATE INDEX catalog_database_exact_name ON catalog_database (catalog_exact_key(name)) WHERE tombstoned_at IS NULL;
CREATE INDEX catalog_table_exact_location ON catalog_table USING hash (rtrim(location, '/'))
  WHERE tombstoned_at IS NULL AND location <> '';
CREATE INDEX identity_person_exact_name ON identity_person (catalog_exact_key(name));
CREATE INDEX identity_team_exact_name ON identity_team (catalog_exact_key(name));
