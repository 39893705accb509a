"""What was decided, granted, withdrawn or taken under a consent stays so: its rows move one way, once."""

from django.db import migrations

# Of an item that is decided on or taken back, nothing that the decision rests on changes any more.
ITEM = """
CREATE FUNCTION requests_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% % stays as it is: %', TG_TABLE_NAME, OLD.id, TG_ARGV[0]
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER item_decided_once BEFORE UPDATE ON requests_item FOR EACH ROW
  WHEN (OLD.state IN ('approved', 'rejected', 'withdrawn') AND OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION requests_refuse_change('it is no longer open');
CREATE TRIGGER item_of_its_request BEFORE UPDATE ON requests_item FOR EACH ROW
  WHEN ((OLD.id, OLD.request_id, OLD.requester_id, OLD.table_id, OLD.product_id, OLD.tags, OLD.whole_database, OLD.offer_id)
    IS DISTINCT FROM
    (NEW.id, NEW.request_id, NEW.requester_id, NEW.table_id, NEW.product_id, NEW.tags, NEW.whole_database, NEW.offer_id))
  EXECUTE FUNCTION requests_refuse_change('what it is about was said when it was asked');
"""

GRANT = """
CREATE TRIGGER grant_ends_once BEFORE UPDATE ON requests_grant FOR EACH ROW
  WHEN (OLD.state <> 'live' AND OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION requests_refuse_change('it has ended');
CREATE TRIGGER grant_of_its_decision BEFORE UPDATE ON requests_grant FOR EACH ROW
  WHEN ((OLD.id, OLD.item_id, OLD.intent_id, OLD.principal_id, OLD.table_id, OLD.effects_hash, OLD.granted_at, OLD.event_id)
    IS DISTINCT FROM
    (NEW.id, NEW.item_id, NEW.intent_id, NEW.principal_id, NEW.table_id, NEW.effects_hash, NEW.granted_at, NEW.event_id))
  EXECUTE FUNCTION requests_refuse_change('what was granted was decided on');
"""

# The owner's too, as events.
DECISION = """
CREATE TRIGGER decision_never_changed BEFORE UPDATE OR DELETE ON requests_decision FOR EACH ROW
  EXECUTE FUNCTION requests_refuse_change('decisions are never changed');
CREATE TRIGGER request_never_changed BEFORE UPDATE ON requests_accessrequest FOR EACH ROW
  WHEN ((OLD.id, OLD.team_id, OLD.requester_id, OLD.principal_id, OLD.group_id, OLD.purpose, OLD.ends_at, OLD.submission_key, OLD.submitted_at)
    IS DISTINCT FROM
    (NEW.id, NEW.team_id, NEW.requester_id, NEW.principal_id, NEW.group_id, NEW.purpose, NEW.ends_at, NEW.submission_key, NEW.submitted_at))
  EXECUTE FUNCTION requests_refuse_change('who asks, for whom and until when was said when it was asked');
"""

WITHDRAWN = """
CREATE TRIGGER consent_withdrawn_once BEFORE UPDATE ON requests_standingconsent FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NOT NULL AND OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION requests_refuse_change('it was withdrawn');
CREATE TRIGGER delegation_ends_once BEFORE UPDATE ON requests_delegation FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL AND OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION requests_refuse_change('it has ended');
CREATE TRIGGER break_glass_confirmed_once BEFORE UPDATE ON requests_breakglass FOR EACH ROW
  WHEN (OLD.state = 'reviewed' AND OLD IS DISTINCT FROM NEW OR OLD.state = 'confirmed'
    AND (NEW.state = 'asked' OR (OLD.confirmed_by_id, OLD.confirmed_at) IS DISTINCT FROM (NEW.confirmed_by_id, NEW.confirmed_at)))
  EXECUTE FUNCTION requests_refuse_change('it was confirmed');
CREATE TRIGGER policy_retired_once BEFORE UPDATE ON requests_policyversion FOR EACH ROW
  WHEN (OLD.state = 'retired' AND OLD IS DISTINCT FROM NEW OR OLD.state = 'in_force'
    AND (NEW.state = 'draft' OR (OLD.in_force_by_id, OLD.in_force_at) IS DISTINCT FROM (NEW.in_force_by_id, NEW.in_force_at)))
  EXECUTE FUNCTION requests_refuse_change('a version goes from draft to in force to retired');
CREATE TRIGGER policy_version_is_whole BEFORE UPDATE ON requests_policyversion FOR EACH ROW
  WHEN ((OLD.domain_id, OLD.number, OLD.rules, OLD.event_id) IS DISTINCT FROM (NEW.domain_id, NEW.number, NEW.rules, NEW.event_id))
  EXECUTE FUNCTION requests_refuse_change('other rules are another version');
"""

# Whose yes a rule says at once, and whose decisions another takes, is somebody whom the domain or team names.
IN_FORCE_BY = """
CREATE FUNCTION requests_demand_rule_giver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (CASE WHEN NEW.domain_id IS NULL
      THEN EXISTS (SELECT FROM identity_platformrole h WHERE h.person_id = NEW.in_force_by_id AND h.role = 'governance_admin')
      ELSE EXISTS (SELECT FROM identity_membership m JOIN catalog_domain d ON d.owner_team_id = m.team_id
        WHERE d.id = NEW.domain_id AND m.person_id = NEW.in_force_by_id AND m.role = 'data_owner') END) THEN
    RAISE EXCEPTION 'policy % was put in force by somebody who does not answer for its domain', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policy_in_force_by_its_domain';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER policy_in_force_by_its_domain BEFORE INSERT OR UPDATE OF state, in_force_by_id ON requests_policyversion
  FOR EACH ROW WHEN (NEW.state = 'in_force') EXECUTE FUNCTION requests_demand_rule_giver();

CREATE FUNCTION requests_demand_delegator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM identity_membership m WHERE m.team_id = NEW.team_id AND m.person_id = NEW.owner_id
      AND m.role = 'data_owner')
  OR NOT EXISTS (SELECT FROM identity_membership m WHERE m.team_id = NEW.team_id AND m.person_id = NEW.delegate_id)
  OR NOT EXISTS (SELECT FROM audit_event e WHERE e.id = NEW.event_id AND e.verb = 'delegate_decisions') THEN
    RAISE EXCEPTION 'delegation % is not of a data owner to a colleague of the team', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'delegation_within_a_team';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER delegation_within_a_team AFTER INSERT ON requests_delegation
  FOR EACH ROW EXECUTE FUNCTION requests_demand_delegator();
"""
FUNCTIONS = ("requests_refuse_change", "requests_demand_rule_giver", "requests_demand_delegator")


class Migration(migrations.Migration):
    dependencies = [("requests", "0022_members_when_asked"), ("audit", "0003_rights_are_listed")]
    operations = [
        migrations.RunSQL(
            ITEM + GRANT + DECISION + WITHDRAWN + IN_FORCE_BY,
            "; ".join(f"DROP FUNCTION {name}() CASCADE" for name in FUNCTIONS),
        )
    ]
