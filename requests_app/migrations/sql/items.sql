-- Guards that an item belongs to the requester of its request.

ALTER TABLE requests_requestitem ADD CONSTRAINT item_requester_is_the_requests
  FOREIGN KEY (request_id, requester_id) REFERENCES requests_accessrequest (id, requester_id);

-- Guards items that are requested under an offer: it was published, its terms were accepted, and it is of the
-- table's own domain. Offer and use of an item never change.

CREATE FUNCTION requests_item_under_its_offer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v catalog_offerversion%ROWTYPE;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.offer_id IS DISTINCT FROM NEW.offer_id OR OLD.use <> NEW.use THEN
      RAISE EXCEPTION 'an item keeps its offer and its use' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.offer_id IS NULL THEN
    RETURN NEW;
  END IF;
  SELECT * INTO v FROM catalog_offerversion WHERE id = NEW.offer_id;
  IF v.state <> 'published' THEN
    RAISE EXCEPTION 'an item is requested under a published offer' USING ERRCODE = 'check_violation';
  END IF;
  IF v.terms_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM catalog_termsacceptance a WHERE a.terms_id = v.terms_id AND a.person_id = NEW.requester_id) THEN
    RAISE EXCEPTION 'the requester has accepted the terms' USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (
    SELECT FROM catalog_offer o
      JOIN catalog_dataproduct p ON p.id = o.product_id
      JOIN catalog_table t ON t.id = NEW.table_id
      JOIN catalog_database d ON d.id = t.database_id
      WHERE o.id = v.offer_id AND COALESCE(d.domain_id, p.domain_id) = o.domain_id) THEN
    RAISE EXCEPTION 'a domain offers its own tables' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER item_under_its_offer BEFORE INSERT OR UPDATE OF offer_id, use ON requests_requestitem
  FOR EACH ROW EXECUTE FUNCTION requests_item_under_its_offer();
