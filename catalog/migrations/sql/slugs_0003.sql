-- Guards that no two domains, data products or terms have addresses that differ only in case.

DO $$
DECLARE found text;
BEGIN
  SELECT string_agg(DISTINCT slug, ', ' ORDER BY slug) INTO found FROM (
    SELECT 'domain ' || slug AS slug FROM catalog_domain d
      WHERE EXISTS (SELECT FROM catalog_domain o WHERE o.id <> d.id AND lower(o.slug) = lower(d.slug))
    UNION ALL SELECT 'data product ' || slug FROM catalog_dataproduct p
      WHERE EXISTS (SELECT FROM catalog_dataproduct o WHERE o.id <> p.id AND lower(o.slug) = lower(p.slug))
    UNION ALL SELECT 'term ' || slug FROM catalog_term t
      WHERE EXISTS (SELECT FROM catalog_term o WHERE o.id <> t.id AND lower(o.slug) = lower(t.slug))
  ) alike;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'These differ only in case: %', found
      USING HINT = 'Rename them in the administration pages of the earlier version, then migrate.';
  END IF;
END $$;

UPDATE catalog_domain SET slug = lower(slug) WHERE slug <> lower(slug);
UPDATE catalog_dataproduct SET slug = lower(slug) WHERE slug <> lower(slug);
UPDATE catalog_term SET slug = lower(slug) WHERE slug <> lower(slug);

CREATE UNIQUE INDEX catalog_domain_slug_any_case ON catalog_domain (lower(slug));
CREATE UNIQUE INDEX catalog_product_slug_any_case ON catalog_dataproduct (lower(slug));
CREATE UNIQUE INDEX catalog_term_slug_any_case ON catalog_term (lower(slug));
