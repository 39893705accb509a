"""An ask for a local group: what is agreed to is given to its account, and from there to it alone."""

import django.db.models.deletion
from django.db import migrations, models

BOUNDED = """
CREATE FUNCTION requests_bound_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM identity_principal p
      JOIN identity_localgroup l ON l.account_id = p.account_id AND l.id = NEW.group_id
     WHERE p.id = NEW.principal_id AND p.arn = p.unique_id) THEN
    RAISE EXCEPTION 'request % names a group that is not of the account it asks for', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_group_bounded BEFORE INSERT OR UPDATE OF group_id, principal_id ON requests_accessrequest
  FOR EACH ROW WHEN (NEW.group_id IS NOT NULL) EXECUTE FUNCTION requests_bound_group();
"""


class Migration(migrations.Migration):
    dependencies = [('identity', '0004_table_links'), ('requests', '0018_alterations')]
    operations = [
        migrations.AddField(
            model_name='accessrequest',
            name='group',
            field=models.ForeignKey(blank=True, help_text='the local group for which it is, where the principal is its account as a whole', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='identity.localgroup'),
        ),
        migrations.AddField(
            model_name='basket',
            name='group',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.localgroup'),
        ),
        migrations.RunSQL(BOUNDED, 'DROP FUNCTION requests_bound_group() CASCADE'),
    ]
