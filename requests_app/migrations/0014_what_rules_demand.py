"""What rules demand of who asks: answers with the item, texts that were accepted; the database demands both of a grant."""

from django.db import migrations

ANSWERED = """
CREATE FUNCTION requests_demand_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM requests_item i,
      jsonb_array_elements(coalesce(i.verdict #> '{demands,fields}', '[]'::jsonb)) AS demanded
     WHERE i.id = NEW.item_id AND coalesce(i.answers ->> (demanded ->> 'name'), '') = '')
  OR EXISTS (SELECT FROM requests_item i,
      jsonb_array_elements_text(coalesce(i.verdict #> '{demands,texts}', '[]'::jsonb)) AS demanded
     WHERE i.id = NEW.item_id AND NOT EXISTS (SELECT FROM requests_ruleacceptance a
       WHERE a.person_id = i.requester_id AND a.text = demanded)) THEN
    RAISE EXCEPTION 'grant % lacks what a rule demands of who asked', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'grant_meets_what_rules_demand';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_grant_answers AFTER INSERT ON requests_grant
  FOR EACH ROW EXECUTE FUNCTION requests_demand_answers();
"""

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_ruleacceptance FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_ruleacceptance FROM meshmarket_web;
    GRANT UPDATE (retire_reason) ON requests_policyversion TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0013_yes_under_an_offer'), ('audit', '0002_database_roles')]
    operations = [
        migrations.RunSQL(ANSWERED, "DROP FUNCTION requests_demand_answers() CASCADE"),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
