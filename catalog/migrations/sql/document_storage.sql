-- How search documents are stored. Facets are counted over short rows, so the long search vector is kept
-- beside them.

ALTER TABLE catalog_document SET (toast_tuple_target = 128);
ALTER TABLE catalog_document ALTER search SET STORAGE EXTERNAL, ALTER name SET STORAGE MAIN,
  ALTER region SET STORAGE MAIN, ALTER format SET STORAGE MAIN, ALTER tag SET STORAGE MAIN,
  ALTER classification SET STORAGE MAIN, ALTER kind SET STORAGE MAIN, ALTER tier SET STORAGE MAIN,
  ALTER fresh TYPE varchar(40) COLLATE "C",
  ADD names tsvector GENERATED ALWAYS AS (ts_filter(search, '{a}')) STORED;
ALTER TABLE catalog_document ALTER names SET STORAGE MAIN, ALTER fresh SET STORAGE MAIN;

-- A document's facets as two numbers that are equal in documents with equal facets, so that a search counts
-- numbers. Each value is hashed under a seed of its own, as an empty array has the same hash under any. See
-- ADR 37.

ALTER TABLE catalog_document ADD facet_code bigint NOT NULL GENERATED ALWAYS AS (
  hashint8extended(coalesce(domain, 0), 1) # hashint8extended(coalesce(account, 0), 2)
  # hashtextextended(kind, 3) # hashtextextended(coalesce(tier, ''), 4) # hash_array_extended(region, 5)
  # hash_array_extended(format, 6) # hash_array_extended(classification, 7) # hashint8extended(is_empty::int, 8)) STORED,
  ADD tag_code bigint NOT NULL GENERATED ALWAYS AS (hash_array_extended(tag, 9)) STORED;

-- Full-text indexes hold only what somebody may find (ADR 18): all documents are indexed by the model; these
-- are products, a sixteenth of the tables to estimate from, and the names of products. Who may find a document is
-- read from the visibility in it.

CREATE INDEX catalog_document_of_products ON catalog_document USING gin (search) WHERE visibility > 0 AND id < 0;
CREATE INDEX catalog_document_sample ON catalog_document USING gin (search)
  WHERE visibility > 0 AND id > 0 AND hashint8(id) & 15 = 0;
CREATE INDEX catalog_document_names ON catalog_document USING gin (names) WHERE id < 0;

-- Each sort order of the search, with products first.

CREATE INDEX catalog_document_by_name ON catalog_document ((id > 0), name, id, visibility) WHERE visibility > 0;
CREATE INDEX catalog_document_by_age ON catalog_document (fresh DESC, (id > 0), name, id, visibility) WHERE visibility > 0;
CREATE INDEX catalog_document_by_use ON catalog_document (teams DESC, (id > 0), name, id, visibility) WHERE visibility > 0;

-- From a document back to its product.

CREATE INDEX catalog_product_document ON catalog_dataproduct ((-id));

-- How many words a document has, beside its facets: the search prefers the shorter of equals, and reads no vector for it.

ALTER TABLE catalog_document ADD length integer NOT NULL GENERATED ALWAYS AS (coalesce(length(search), 0)) STORED;
