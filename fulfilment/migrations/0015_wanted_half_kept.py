"""What was wanted ends once and never later; the web inserts no seen half; a hold that has ended stays as it ended."""

from django.db import migrations, models

PRESENCE = [
    ("unseen", "not looked at yet"), ("unknown", "not readable just now"), ("present", "present"),
    ("absent", "absent"), ("stale", "effects no longer as approved"), ("hold", "waits for a person"),
]  # fmt: skip
OUTCOME = [
    ("proven", "reads what was granted, and is refused the rest"),
    ("contradicted", "reads less or more than was granted"),
    ("not_trusted", "the role does not let the workers in"),
    ("failed", "the queries could not be made"),
]

# `opened` gains the columns of holds that were ended for this intent by a person, or by a steward's class.
KEPT = """
CREATE FUNCTION fulfilment_keep_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
    RAISE EXCEPTION 'intent % has ended, once and for all', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_ends_once';
  END IF;
  IF OLD.expires_at IS NOT NULL AND (NEW.expires_at IS NULL OR NEW.expires_at > OLD.expires_at) THEN
    RAISE EXCEPTION 'intent % would end later than was agreed to', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_ends_no_later';
  END IF;
  IF NEW.generation < OLD.generation THEN
    RAISE EXCEPTION 'generations of intent % only grow', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_generation_grows';
  END IF;
  IF NEW.opened IS DISTINCT FROM OLD.opened AND (NOT NEW.opened @> OLD.opened OR EXISTS (
      SELECT FROM jsonb_array_elements_text(NEW.opened) AS opened (name)
       WHERE NOT OLD.opened ? opened.name AND NOT EXISTS (SELECT FROM fulfilment_hold h
         WHERE h.intent_id = OLD.id AND h.column = opened.name AND h.ended_as IN ('released', 'classified')))) THEN
    RAISE EXCEPTION 'intent % is opened to a column that nobody let in', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_opened_by_a_hold';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fulfilment_intent_kept BEFORE UPDATE OF expires_at, ended_at, generation, opened ON fulfilment_intent
  FOR EACH ROW EXECUTE FUNCTION fulfilment_keep_wanted();

CREATE FUNCTION fulfilment_keep_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'hold % has ended, once and for all', OLD.id
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'hold_ends_once';
END $$;
CREATE TRIGGER fulfilment_hold_kept BEFORE UPDATE ON fulfilment_hold FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.ended_as, NEW.intent_id, NEW.column)
    IS DISTINCT FROM (OLD.ended_at, OLD.ended_as, OLD.intent_id, OLD.column))
  EXECUTE FUNCTION fulfilment_keep_hold();
"""


def text(model: str, name: str, **more: object) -> migrations.AlterField:
    return migrations.AlterField(model, name, models.CharField(blank=True, default="", db_default="", **more))


class Migration(migrations.Migration):
    dependencies = [("fulfilment", "0014_intents_on_a_table"), ("audit", "0003_rights_are_listed")]
    operations = [
        migrations.AlterField(
            "intent", "presence",
            models.CharField(choices=PRESENCE, db_default="unseen", default="unseen", max_length=20),
        ),
        migrations.AlterField("intent", "proven_generation", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AlterField("intent", "failure", models.TextField(blank=True, db_default="", default="")),
        text("rolequery", "allowed_execution", max_length=128, help_text="Athena's id of the query"),
        text("rolequery", "refused_execution", max_length=128),
        text("rolequery", "outcome", max_length=12, choices=OUTCOME),
        migrations.AlterField("rolequery", "text", models.TextField(blank=True, db_default="", default="")),
        migrations.RunSQL(
            KEPT, "DROP FUNCTION fulfilment_keep_wanted() CASCADE; DROP FUNCTION fulfilment_keep_hold() CASCADE"
        ),
    ]  # fmt: skip
