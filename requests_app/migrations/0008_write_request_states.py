"""Write requests have the states of all decisions."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).with_name("sql")
STATE = [
    migrations.RemoveConstraint(model_name='writerequest', name='write_request_one_open'),
    migrations.RemoveConstraint(model_name='writerequest', name='write_request_approved_with_intent'),
    migrations.AlterField(model_name='writerequest', name='state', field=models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('ended', 'ended'), ('lapsed', 'lapsed')], default='waiting', max_length=10)),
    migrations.AddConstraint(model_name='writerequest', constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('table', 'principal'), name='write_request_one_open')),
    migrations.AddConstraint(model_name='writerequest', constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', False), ('event__isnull', False), ('intent__isnull', False), ('state__in', ['approved', 'ended']), models.Q(('effects_hash', ''), _negated=True)), models.Q(('intent', None), ('state__in', ['waiting', 'rejected', 'withdrawn'])), _connector='OR'), name='write_request_approved_with_intent')),
]


class Migration(migrations.Migration):

    dependencies = [("requests", "0007_access_review_marks"), ("identity", "0007_decisions")]

    operations = [migrations.RunSQL((SQL / "write_requests_0008.sql").read_text(), state_operations=STATE)]
