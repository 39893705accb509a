-- How many words a document has, beside its facets: the search prefers the shorter of equals, and reads no vector for it.

ALTER TABLE catalog_document ADD length integer NOT NULL GENERATED ALWAYS AS (coalesce(length(search), 0)) STORED;
