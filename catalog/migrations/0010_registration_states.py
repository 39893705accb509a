"""Registrations have the states of all decisions."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).with_name("sql")
STATE = [
    migrations.RemoveConstraint(model_name='registration', name='registration_one_live'),
    migrations.RemoveConstraint(model_name='registration', name='registration_approved_with_intents'),
    migrations.AlterField(model_name='registration', name='state', field=models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('ended', 'ended'), ('lapsed', 'lapsed')], default='waiting', max_length=10)),
    migrations.AddConstraint(model_name='registration', constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'approved'])), fields=('catalog', 'database', 'table'), name='registration_one_live')),
    migrations.AddConstraint(model_name='registration', constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'ended']), ('table_intent__isnull', False), ('write_intent__isnull', False), ('decided_by__isnull', False), ('event__isnull', False), models.Q(('effects_hash', ''), _negated=True)), models.Q(('state__in', ['waiting', 'rejected', 'withdrawn']), ('table_intent', None), ('write_intent', None)), _connector='OR'), name='registration_approved_with_intents')),
]


class Migration(migrations.Migration):

    dependencies = [("catalog", "0009_comparisons_and_storage_updates"), ("identity", "0007_decisions")]

    operations = [migrations.RunSQL((SQL / "registrations_0010.sql").read_text(), state_operations=STATE)]
