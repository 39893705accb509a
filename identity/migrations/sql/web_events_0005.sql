-- Guards what the web may put on the record: what an active person did, or a token that is in force, or itself; and never what
-- workers alone find out or do. The web makes sessions and tokens, so that they prove nothing more against it.

CREATE FUNCTION identity_check_web_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'meshmarket_web' THEN RETURN NEW; END IF;
  IF NEW.verb = ANY (ARRAY['refuse_request', 'refuse_intent', 'vend_credentials', 'finish_data_query', 'fail_intent',
      'found_drift', 'found_widening', 'could_not_read', 'replaced', 'find_broken_chain']) OR NEW.verb LIKE 'proved\_%' THEN
    RAISE EXCEPTION 'only workers put % on the record', NEW.verb
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'event_of_workers';
  END IF;
  IF NOT (CASE split_part(NEW.actor, ':', 1)
      WHEN 'engine' THEN true
      WHEN 'person' THEN EXISTS (SELECT FROM identity_person p WHERE p.is_active AND NEW.actor = 'person:' || p.id
        AND p.id = substring(NEW.actor FROM '^person:([0-9]{1,18})$')::bigint)
      WHEN 'service_token' THEN EXISTS (SELECT FROM identity_servicetoken t JOIN identity_person p ON p.id = t.created_by_id
        WHERE t.id = substring(NEW.actor FROM '^service_token:([0-9]{1,18})$')::bigint AND p.is_active
          AND t.revoked_at IS NULL AND t.expires_at > least(NEW.at, meshmarket_now()))
      ELSE false END) THEN
    RAISE EXCEPTION 'nobody who may act is %', NEW.actor
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'event_of_an_actor';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_web_event BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION identity_check_web_event();
