"""Who belonged to the asking teams when it was asked, and who took a request over; neither decides, nor anybody while whoever
answers for the request is deactivated. The database keeps the lists, and refuses such a decision.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The lists only grow: whatever a statement says of them, they are what was there and the members of now.
KEPT = """
CREATE FUNCTION requests_keep_asking_side() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before bigint[] := '{}';
BEGIN
  NEW.taken_over_ids := '{}';
  IF TG_OP = 'UPDATE' THEN
    before := OLD.member_ids;
    NEW.taken_over_ids := OLD.taken_over_ids;
    IF NEW.taken_over_by_id IS NULL AND OLD.taken_over_by_id IS NOT NULL THEN
      RAISE EXCEPTION 'request % was taken over, and stays so', NEW.id
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
"""

# An item that its asker sends again is asked for again: the members of then are added, by the trigger above.
SENT_AGAIN = """
CREATE FUNCTION requests_ask_again() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE public.requests_accessrequest SET purpose = purpose WHERE id = NEW.request_id;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_sent_again AFTER UPDATE OF state ON requests_item FOR EACH ROW
  WHEN (OLD.state = 'returned' AND NEW.state = 'submitted') EXECUTE FUNCTION requests_ask_again();
"""

TAKEN_OVER = """
CREATE FUNCTION requests_demand_new_asker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM identity_person p WHERE p.id = coalesce(OLD.taken_over_by_id, OLD.requester_id) AND p.is_active)
      OR NOT EXISTS (SELECT FROM identity_membership m JOIN identity_person p ON p.id = m.person_id
        WHERE m.team_id = NEW.team_id AND p.id = NEW.taken_over_by_id AND p.is_active) THEN
    RAISE EXCEPTION 'request % is taken over from who has left, by somebody of its team', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'request_taken_over_by_its_team';
  END IF;
  IF EXISTS (SELECT FROM requests_decision d JOIN requests_item i ON i.id = d.item_id
      WHERE i.request_id = NEW.id AND i.state IN ('submitted', 'returned') AND d.answer = 'approve'
        AND NEW.taken_over_by_id IN (d.decided_by_id, d.on_behalf_of_id)) THEN
    RAISE EXCEPTION 'person % agreed to request % and cannot take it over', NEW.taken_over_by_id, NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'request_taken_over_by_another';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_taken_over AFTER UPDATE OF taken_over_by_id ON requests_accessrequest FOR EACH ROW
  WHEN (OLD.taken_over_by_id IS DISTINCT FROM NEW.taken_over_by_id AND NEW.taken_over_by_id IS NOT NULL)
  EXECUTE FUNCTION requests_demand_new_asker();
"""

DECIDED_APART = """
CREATE FUNCTION requests_demand_separation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked record;
BEGIN
  SELECT r.requester_id, r.taken_over_ids, r.member_ids, p.is_active INTO asked
    FROM requests_item i JOIN requests_accessrequest r ON r.id = i.request_id
    JOIN identity_person p ON p.id = coalesce(r.taken_over_by_id, r.requester_id)
   WHERE i.id = NEW.item_id;
  IF NEW.decided_by_id = ANY (asked.taken_over_ids) OR NEW.on_behalf_of_id = ANY (asked.taken_over_ids) THEN
    RAISE EXCEPTION 'person % took the request of item % over', NEW.decided_by_id, NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_not_by_who_took_over';
  END IF;
  IF NEW.role <> 'lead' AND (NEW.decided_by_id = ANY (asked.member_ids) OR NEW.on_behalf_of_id = ANY (asked.member_ids)) THEN
    RAISE EXCEPTION 'person % belonged to the team when it asked for item %', NEW.decided_by_id, NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_outside_the_asking_team_of_then';
  END IF;
  IF NOT asked.is_active THEN
    RAISE EXCEPTION 'whoever answers for the request of item % has left', NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_while_somebody_answers';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_separation AFTER INSERT ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION requests_demand_separation();
"""

# What waits of somebody who leaves, or comes back, is marked so in inboxes, see 0018.
MARKING = """
DROP TRIGGER requests_altered ON identity_person;
CREATE TRIGGER requests_altered AFTER UPDATE OF name, is_active ON identity_person FOR EACH ROW
  WHEN ((OLD.name, OLD.is_active) IS DISTINCT FROM (NEW.name, NEW.is_active)) EXECUTE FUNCTION catalog_altered('waiting');
"""
AS_BEFORE = """
DROP TRIGGER requests_altered ON identity_person;
CREATE TRIGGER requests_altered AFTER UPDATE OF name ON identity_person FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION catalog_altered('waiting');
"""


# Only the workers tell, once.
TOLD_ONCE = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE UPDATE, DELETE ON requests_departure FROM meshmarket_worker;
    GRANT SELECT, INSERT ON requests_departure TO meshmarket_worker;
    GRANT USAGE, SELECT ON SEQUENCE requests_departure_id_seq TO meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_departure FROM meshmarket_web;
    GRANT SELECT ON requests_departure TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("requests", "0021_bulk_items_name_what_was_asked"), ("audit", "0002_database_roles")]
    operations = [
        migrations.AddField(
            model_name='accessrequest',
            name='member_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, editable=False, help_text='people who were in the asking teams when it was sent, changed or taken over; kept by the database', size=None),
        ),
        migrations.AddField(
            model_name='accessrequest',
            name='taken_over_by',
            field=models.ForeignKey(blank=True, help_text='who answers for it since the requester left', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='accessrequest',
            name='taken_over_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, editable=False, help_text='people who ever took it over; kept by the database', size=None),
        ),
        migrations.CreateModel(
            name='Departure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departures', to='requests.item')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'person'), name='departure_once')],
            },
        ),
        migrations.RunSQL(TOLD_ONCE, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, "DROP FUNCTION requests_keep_asking_side() CASCADE"),
        migrations.RunSQL(SENT_AGAIN, "DROP FUNCTION requests_ask_again() CASCADE"),
        migrations.RunSQL(TAKEN_OVER, "DROP FUNCTION requests_demand_new_asker() CASCADE"),
        migrations.RunSQL(DECIDED_APART, "DROP FUNCTION requests_demand_separation() CASCADE"),
        migrations.RunSQL(MARKING, AS_BEFORE),
        # Of what was asked before, the members of now are the best that is known.
        migrations.RunSQL("UPDATE requests_accessrequest SET purpose = purpose", migrations.RunSQL.noop),
    ]
