"""What people may do to the catalog."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from catalog.errors import NotFoundError
from catalog.may import may_request_sync
from catalog.models import SyncRun
from identity.models import ConnectedCatalog, Person


def request_sync(*, acting_user: Person, catalog_id: int, now: datetime) -> SyncRun:
    """Ask the workers to read a catalog; a run that already waits is returned instead of a second one.

    NotFoundError when there is no such catalog, or the person may not ask.
    """
    with transaction.atomic(durable=True):
        catalog = ConnectedCatalog.objects.select_for_update().filter(pk=catalog_id).first()
        if catalog is None or not may_request_sync(acting_user):
            raise NotFoundError
        waiting = SyncRun.objects.filter(catalog=catalog, started_at=None).first()
        if waiting:
            return waiting
        run = SyncRun.objects.create(catalog=catalog, requested_by=acting_user, requested_at=now)
        record(
            verb="request_sync",
            actor=f"person:{acting_user.pk}",
            subject=f"catalog:{catalog.pk}",
            data={"run": run.pk},
            now=now,
        )
    return run
