"""Write access that a pipeline of Insurance asks for: it waits for Jonas. May run again."""

from datetime import timedelta

from catalog.mirror.models import Table
from demo.bank.accounts import INSURANCE
from demo.seed.people import find_person
from demo.seed.registrations import DEVELOPER, ENGINEERS
from identity.accounts import Principal
from kernel import clock
from requests_app.write_access.actions import request_write_access
from requests_app.write_access.models import WriteRequest, WriteVerb

DATABASE, TABLE = "insurance_gold", "claims"


def seed_write_access() -> int:
    """Ask once; returns how many there are. Nothing before the sync has found the pipeline's role."""
    role = Principal.objects.filter(account__account_id=INSURANCE, name=ENGINEERS, gone_at=None).first()
    if role is not None and not WriteRequest.objects.exists():
        now = clock.now()
        request_write_access(
            acting_user=find_person(DEVELOPER),
            table_id=Table.objects.get(database__name=DATABASE, name=TABLE, tombstoned_at=None).pk,
            principal=role,
            verbs=[WriteVerb.INSERT],
            purpose="The nightly load adds the claims of the day.",
            ends_at=now + timedelta(days=180),
            now=now,
        )
    return WriteRequest.objects.count()
