-- Guards offers: a version goes from draft to published to retired, is published by a data owner of its
-- domain, and offers tables of that domain only.

CREATE FUNCTION catalog_offer_published_by_its_domain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint;
  foreign_table bigint;
BEGIN
  IF TG_OP = 'UPDATE' AND NOT (OLD.state = 'draft' OR NEW.state = 'retired') THEN
    RAISE EXCEPTION 'a version of an offer goes from draft to published to retired' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state <> 'published' THEN
    RETURN NEW;
  END IF;
  SELECT d.owner_team_id INTO owner
    FROM catalog_offer o JOIN catalog_domain d ON d.id = o.domain_id WHERE o.id = NEW.offer_id;
  IF NOT EXISTS (SELECT FROM identity_membership m WHERE m.team_id = owner AND m.person_id = NEW.published_by_id
                 AND m.role = 'data_owner') THEN
    RAISE EXCEPTION 'an offer is published by a data owner of its domain' USING ERRCODE = 'check_violation';
  END IF;
  SELECT t.table_id INTO foreign_table
    FROM catalog_offertable t
    JOIN catalog_offer o ON o.id = NEW.offer_id
    JOIN catalog_dataproduct p ON p.id = o.product_id
    JOIN catalog_table b ON b.id = t.table_id
    JOIN catalog_database g ON g.id = b.database_id
    WHERE t.version_id = NEW.id AND COALESCE(g.domain_id, p.domain_id) <> o.domain_id;
  IF FOUND THEN
    RAISE EXCEPTION 'a domain offers its own tables' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER offer_published_by_its_domain BEFORE INSERT OR UPDATE OF state, published_by_id ON catalog_offerversion
  FOR EACH ROW EXECUTE FUNCTION catalog_offer_published_by_its_domain();
