-- Guards that decisions, grants, revoked consents and confirmed sessions are never changed: their states move
-- in one direction. This holds for the table owner too, as for events.

CREATE FUNCTION requests_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% % stays as it is: %', TG_TABLE_NAME, OLD.id, TG_ARGV[0]
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;

-- Of an item that is decided on or withdrawn, nothing that the decision rests on changes any more.

CREATE TRIGGER item_decided_once BEFORE UPDATE ON requests_requestitem FOR EACH ROW
  WHEN (OLD.state IN ('approved', 'rejected', 'withdrawn') AND OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION requests_refuse_change('it is no longer open');
CREATE TRIGGER item_of_its_request BEFORE UPDATE ON requests_requestitem FOR EACH ROW
  WHEN ((OLD.id, OLD.request_id, OLD.requester_id, OLD.table_id, OLD.product_id, OLD.tags,
     OLD.whole_database, OLD.offer_id)
    IS DISTINCT FROM
    (NEW.id, NEW.request_id, NEW.requester_id, NEW.table_id, NEW.product_id, NEW.tags,
     NEW.whole_database, NEW.offer_id))
  EXECUTE FUNCTION requests_refuse_change('what an item requests is fixed');

-- Grants.

CREATE TRIGGER grant_ends_once BEFORE UPDATE ON requests_grant FOR EACH ROW
  WHEN (OLD.state <> 'live' AND OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION requests_refuse_change('it has ended');
CREATE TRIGGER grant_of_its_decision BEFORE UPDATE ON requests_grant FOR EACH ROW
  WHEN ((OLD.id, OLD.item_id, OLD.intent_id, OLD.principal_id, OLD.table_id, OLD.effects_hash,
     OLD.granted_at, OLD.event_id)
    IS DISTINCT FROM
    (NEW.id, NEW.item_id, NEW.intent_id, NEW.principal_id, NEW.table_id, NEW.effects_hash,
     NEW.granted_at, NEW.event_id))
  EXECUTE FUNCTION requests_refuse_change('what is granted is fixed by the decision');

-- Decisions and requests.

CREATE TRIGGER decision_never_changed BEFORE UPDATE OR DELETE ON requests_decision FOR EACH ROW
  EXECUTE FUNCTION requests_refuse_change('decisions are never changed');
CREATE TRIGGER request_never_changed BEFORE UPDATE ON requests_accessrequest FOR EACH ROW
  WHEN ((OLD.id, OLD.team_id, OLD.requester_id, OLD.principal_id, OLD.group_id, OLD.purpose, OLD.ends_at,
     OLD.idempotency_key, OLD.submitted_at)
    IS DISTINCT FROM
    (NEW.id, NEW.team_id, NEW.requester_id, NEW.principal_id, NEW.group_id, NEW.purpose, NEW.ends_at,
     NEW.idempotency_key, NEW.submitted_at))
  EXECUTE FUNCTION requests_refuse_change('the requester, recipient and end of a request are fixed');

-- Consents, delegations, break-glass and policies.

CREATE TRIGGER consent_withdrawn_once BEFORE UPDATE ON requests_breakglassconsent FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NOT NULL AND OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION requests_refuse_change('it was revoked');
CREATE TRIGGER delegation_ends_once BEFORE UPDATE ON requests_delegation FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL AND OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION requests_refuse_change('it has ended');
CREATE TRIGGER break_glass_confirmed_once BEFORE UPDATE ON requests_breakglasssession FOR EACH ROW
  WHEN (OLD.state = 'reviewed' AND OLD IS DISTINCT FROM NEW OR OLD.state = 'confirmed'
    AND (NEW.state = 'asked' OR (OLD.confirmed_by_id, OLD.confirmed_at)
      IS DISTINCT FROM (NEW.confirmed_by_id, NEW.confirmed_at)))
  EXECUTE FUNCTION requests_refuse_change('it was confirmed');
CREATE TRIGGER policy_retired_once BEFORE UPDATE ON requests_policyversion FOR EACH ROW
  WHEN (OLD.state = 'retired' AND OLD IS DISTINCT FROM NEW OR OLD.state = 'published'
    AND (NEW.state = 'draft' OR (OLD.published_by_id, OLD.published_at)
      IS DISTINCT FROM (NEW.published_by_id, NEW.published_at)))
  EXECUTE FUNCTION requests_refuse_change('a version goes from draft to published to retired');
CREATE TRIGGER policy_version_is_whole BEFORE UPDATE ON requests_policyversion FOR EACH ROW
  WHEN ((OLD.domain_id, OLD.number, OLD.rules, OLD.event_id)
      IS DISTINCT FROM (NEW.domain_id, NEW.number, NEW.rules, NEW.event_id))
  EXECUTE FUNCTION requests_refuse_change('changed rules are a new version');
