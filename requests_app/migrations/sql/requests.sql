-- Guards that a request for a local group is made for the account of that group.

CREATE FUNCTION requests_bound_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM identity_principal p
      JOIN identity_localgroup l ON l.account_id = p.account_id AND l.id = NEW.group_id
     WHERE p.id = NEW.principal_id AND p.arn = p.unique_id) THEN
    RAISE EXCEPTION 'request % names a local group of another account', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_group_bounded BEFORE INSERT OR UPDATE OF group_id, principal_id ON requests_accessrequest
  FOR EACH ROW WHEN (NEW.group_id IS NOT NULL) EXECUTE FUNCTION requests_bound_group();

-- Keeps who was in the requesting teams when a request was sent, changed or taken over, and who took it over. The
-- lists only grow: whatever a statement writes to them, they are what was there and the members of now.

CREATE FUNCTION requests_keep_asking_side() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before bigint[] := '{}';
BEGIN
  NEW.taken_over_ids := '{}';
  IF TG_OP = 'UPDATE' THEN
    before := OLD.member_ids;
    NEW.taken_over_ids := OLD.taken_over_ids;
    IF NEW.taken_over_by_id IS NULL AND OLD.taken_over_by_id IS NOT NULL THEN
      RAISE EXCEPTION 'request % was taken over, and this cannot be undone', NEW.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'request_stays_taken_over';
    END IF;
  END IF;
  IF NEW.taken_over_by_id IS NOT NULL AND NOT NEW.taken_over_by_id = ANY (NEW.taken_over_ids) THEN
    NEW.taken_over_ids := NEW.taken_over_ids || NEW.taken_over_by_id;
  END IF;
  NEW.member_ids := ARRAY(
    SELECT unnest(before)
    UNION SELECT m.person_id FROM identity_membership m WHERE m.team_id = NEW.team_id OR m.team_id = (
      SELECT a.team_id FROM identity_principal p JOIN identity_account a ON a.id = p.account_id WHERE p.id = NEW.principal_id)
    ORDER BY 1);
  RETURN NEW;
END $$;
CREATE TRIGGER requests_asking_side BEFORE INSERT OR UPDATE ON requests_accessrequest
  FOR EACH ROW EXECUTE FUNCTION requests_keep_asking_side();

-- An item that its requester sends again is requested again: the members of now are added, by the trigger
-- above.

CREATE FUNCTION requests_ask_again() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE public.requests_accessrequest SET purpose = purpose WHERE id = NEW.request_id;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_sent_again AFTER UPDATE OF state ON requests_requestitem FOR EACH ROW
  WHEN (OLD.state = 'returned' AND NEW.state = 'submitted') EXECUTE FUNCTION requests_ask_again();

-- Guards that a request is taken over only from a person who has left, by an active member of the team who
-- has not agreed to it.

CREATE FUNCTION requests_check_take_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM identity_person p WHERE p.id = coalesce(OLD.taken_over_by_id, OLD.requester_id) AND p.is_active)
      OR NOT EXISTS (SELECT FROM identity_membership m JOIN identity_person p ON p.id = m.person_id
        WHERE m.team_id = NEW.team_id AND p.id = NEW.taken_over_by_id AND p.is_active) THEN
    RAISE EXCEPTION 'request % is taken over only from a requester who has left, by a member of its team', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'request_taken_over_by_its_team';
  END IF;
  IF EXISTS (SELECT FROM requests_decision d JOIN requests_requestitem i ON i.id = d.item_id
      WHERE i.request_id = NEW.id AND i.state IN ('submitted', 'returned') AND d.answer = 'approve'
        AND NEW.taken_over_by_id IN (d.decided_by_id, d.on_behalf_of_id)) THEN
    RAISE EXCEPTION 'person % approved request % and cannot take it over', NEW.taken_over_by_id, NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'request_taken_over_by_another';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_taken_over AFTER UPDATE OF taken_over_by_id ON requests_accessrequest FOR EACH ROW
  WHEN (OLD.taken_over_by_id IS DISTINCT FROM NEW.taken_over_by_id AND NEW.taken_over_by_id IS NOT NULL)
  EXECUTE FUNCTION requests_check_take_over();
