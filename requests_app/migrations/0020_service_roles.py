"""Who answers for a service role decides on no ask for it; held by the database."""

from django.db import migrations

APART = """
CREATE FUNCTION requests_owner_of_role_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM requests_item i
      JOIN requests_accessrequest r ON r.id = i.request_id
      JOIN identity_principal p ON p.id = r.principal_id
     WHERE i.id = NEW.item_id AND p.owner_id IN (NEW.decided_by_id, NEW.on_behalf_of_id)) THEN
    RAISE EXCEPTION 'decision % is by who answers for the role that would read', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_decision_apart BEFORE INSERT ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION requests_owner_of_role_apart();
"""

# Whoever comes to answer for a role no longer sees asks for it in their inbox, see 0018.
MARKING = """
DROP TRIGGER requests_altered ON identity_principal;
CREATE TRIGGER requests_altered AFTER UPDATE OF account_id, owner_id ON identity_principal FOR EACH ROW
  WHEN ((OLD.account_id, OLD.owner_id) IS DISTINCT FROM (NEW.account_id, NEW.owner_id))
  EXECUTE FUNCTION catalog_altered('waiting');
"""
AS_BEFORE = """
DROP TRIGGER requests_altered ON identity_principal;
CREATE TRIGGER requests_altered AFTER UPDATE OF account_id ON identity_principal FOR EACH ROW
  WHEN (OLD.account_id IS DISTINCT FROM NEW.account_id) EXECUTE FUNCTION catalog_altered('waiting');
"""


class Migration(migrations.Migration):
    dependencies = [('identity', '0005_service_roles'), ('requests', '0019_asked_for_a_group')]
    operations = [
        migrations.RunSQL(APART, 'DROP FUNCTION requests_owner_of_role_apart() CASCADE'),
        migrations.RunSQL(MARKING, AS_BEFORE),
    ]
