"""What is altered is one of several subjects: a trigger may name another than what searches show."""

from django.db import migrations, models

MARK = """
CREATE OR REPLACE FUNCTION catalog_altered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_LEVEL = 'STATEMENT' THEN
    IF NOT EXISTS (SELECT FROM altered) THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO catalog_alteration (subject, mark) VALUES (coalesce(TG_ARGV[0], 'catalog'), (random() * 9e18)::bigint);
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('catalog', '0008_alterations')]
    operations = [
        migrations.AddField(
            model_name='alteration',
            name='subject',
            field=models.CharField(
                choices=[('catalog', 'what searches show'), ('waiting', 'what waits for a decision')],
                db_default='catalog', max_length=10,
            ),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
