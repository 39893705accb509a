"""Seal pending events into the chain, in batches, one sealer at a time."""

from django.db import connections, transaction

from audit.digest import GENESIS, link_hash
from audit.models import Pending, Seal
from kernel.advisory_locks import AdvisoryLock, try_transaction_lock

BATCH_SIZE = 500


def seal_pending(*, using: str = "default", batch_size: int = BATCH_SIZE) -> int:
    """Seal up to `batch_size` waiting events; returns how many. 0 also when another sealer is at work.

    Locking the head of the chain inside each action would serialise all actions; sealing in
    batches behind an advisory lock does not.
    """
    if not Pending.objects.using(using).exists():
        return 0
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if not try_transaction_lock(AdvisoryLock.SEALING, using=using):
            return 0
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
        waiting = list(Pending.objects.using(using).select_related("event").order_by("event_id")[:batch_size])
        head = Seal.objects.using(using).order_by("-seq").first()
        seq, prev = (head.seq, head.hash) if head else (0, GENESIS)
        seals = []
        for pending in waiting:
            seq += 1
            digest = link_hash(seq=seq, digest=pending.event.digest, prev=prev)
            seals.append(Seal(seq=seq, event=pending.event, prev=prev, hash=digest, sealed_at=now))
            prev = digest
        Seal.objects.using(using).bulk_create(seals)
        Pending.objects.using(using).filter(event_id__in=[p.event_id for p in waiting]).delete()
    return len(seals)
