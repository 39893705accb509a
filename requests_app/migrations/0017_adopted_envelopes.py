"""Of an envelope that was adopted, no more is passed on than AWS holds the option for."""

from django.db import migrations

OF_THE_OPTION = """EXISTS (
         SELECT 1 FROM (
           SELECT i.wanted->'columns' AS columns WHERE NOT i.wanted ? 'adopted'
           UNION ALL SELECT b->'columns' FROM jsonb_array_elements(i.wanted->'beside') b
            WHERE i.wanted ? 'adopted' AND b->>'verb' = 'SELECT' AND (b->>'grantable')::boolean
              AND (b->>'table') = (i.wanted->>'table')
         ) passable
         WHERE passable.columns ? 'except' OR to_jsonb(NEW.columns) <@ (passable.columns->'include'))"""
OF_THE_ENVELOPE = """(i.wanted->'columns' ? 'except' OR to_jsonb(NEW.columns) <@ (i.wanted->'columns'->'include'))"""


def bounded(covers: str) -> str:
    """The trigger's function; `covers` says whether an envelope `i` has the columns of a local grant."""
    return f"""
CREATE OR REPLACE FUNCTION requests_bound_local_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM requests_grant g
      JOIN identity_principal p ON p.id = g.principal_id AND p.arn = p.unique_id
      JOIN identity_localgroup l ON l.id = NEW.group_id AND l.account_id = p.account_id AND l.ended_at IS NULL
      JOIN fulfilment_intent i ON i.id = g.intent_id AND i.ended_at IS NULL
     WHERE g.id = NEW.envelope_id AND g.state = 'live'
       AND {covers}) THEN
    RAISE EXCEPTION 'local grant % does not lie within a live envelope of its account', NEW.id;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM identity_localgroup l
      JOIN identity_account a ON a.id = l.account_id
      JOIN identity_membership m ON m.team_id = a.team_id AND m.role = 'account_admin'
     WHERE l.id = NEW.group_id AND m.person_id = NEW.given_by_id) THEN
    RAISE EXCEPTION 'local grant % was not given by an admin of its account', NEW.id;
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("requests", "0016_unused_days")]
    operations = [migrations.RunSQL(bounded(OF_THE_OPTION), bounded(OF_THE_ENVELOPE))]
