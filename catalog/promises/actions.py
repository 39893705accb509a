"""Record whether a product keeps a promise. Called by workers and by the intake of results, not by people."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from audit.actions import record_event
from catalog.products.may import list_product_owner_ids
from catalog.products.models import DataProduct
from catalog.products.states import ProductLifecycle
from catalog.promises.models import MAX_TEXT_LENGTH, PromiseBreach, PromiseKind
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock

ENGINE = "engine:promises"
PROMISING = (ProductLifecycle.PUBLISHED, ProductLifecycle.DEPRECATED)


@dataclass(frozen=True)
class _Finding:
    promised: str
    fact: str
    cause: str
    since: datetime
    now: datetime


@transaction.atomic
def record_promise_state(
    *,
    product: DataProduct,
    kind: PromiseKind | str,
    broken: bool,
    promised: str,
    fact: str,
    cause: str = "",
    since: datetime | None = None,
    now: datetime,
) -> PromiseBreach | None:
    """Open a breach, keep it or end it; returns the open one. Saying the same again tells nobody anything.

    `since` is when the promise began to be broken, if that is known to be before `now`. The texts are in English, such as `at most 24 hours old` and `31 hours old`. Do not call it while the fact is unknown:
    an open breach stays open. Drafts and retired products have no open breach.
    """
    kind = PromiseKind(kind)
    acquire_transaction_lock(AdvisoryLock.PROMISE, f"{product.pk}:{kind.value}")
    finding = _Finding(_shorten(promised), _shorten(fact), _shorten(cause), min(since or now, now), now)
    lifecycle = DataProduct.objects.values_list("lifecycle", flat=True).get(pk=product.pk)
    broken = broken and lifecycle in PROMISING
    breach = PromiseBreach.objects.filter(product=product, kind=kind, ended_at=None).first()
    if breach is None:
        return _open(product, kind, finding) if broken else None
    if broken:
        # A finding that is older than the last one changes nothing.
        if finding.now > breach.checked_at:
            breach.promised, breach.fact, breach.cause = finding.promised, finding.fact, finding.cause
            breach.checked_at = finding.now
            breach.save(update_fields=["promised", "fact", "cause", "checked_at"])
        return breach
    # A retired product has told its consumers already that it ended. The breach keeps the fact that it had.
    breach.ended_at = max(finding.now, breach.checked_at)
    breach.checked_at = breach.ended_at
    breach.save(update_fields=["ended_at", "checked_at"])
    _record(
        "close_promise_breach" if lifecycle == ProductLifecycle.RETIRED else "mend_promise",
        breach,
        product,
        finding,
    )
    return None


def _shorten(text: str) -> str:
    """One line that fits."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_TEXT_LENGTH else f"{line[: MAX_TEXT_LENGTH - 1]}…"


def _open(product: DataProduct, kind: PromiseKind, finding: _Finding) -> PromiseBreach:
    breach = PromiseBreach.objects.create(
        product=product,
        kind=kind,
        promised=finding.promised,
        fact=finding.fact,
        cause=finding.cause,
        began_at=finding.since,
        checked_at=finding.now,
    )
    _record("break_promise", breach, product, finding)
    return breach


def _record(verb: str, breach: PromiseBreach, product: DataProduct, finding: _Finding) -> None:
    """`reason` stands in the notification."""
    parts = [
        finding.fact,
        f"promised: {finding.promised}" if finding.promised else "nothing promised any more",
    ]
    data = {
        "what": product.name,
        "slug": product.slug,
        "kind": breach.kind,
        "breach": breach.pk,
        "promised": finding.promised,
        "fact": finding.fact,
        "cause": finding.cause,
        "reason": "; ".join(filter(None, parts)),
        "people": list_product_owner_ids(product),
    }
    record_event(verb=verb, actor=ENGINE, subject=breach.subject, data=data, now=finding.now)
