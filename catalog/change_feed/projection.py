"""Numbers changes: those of sealed events, and those that wait."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from audit.models import Event, Seal
from catalog.change_feed.models import Change, ChangeAction, ChangeFeedPosition, ChangeKind, PendingChange
from catalog.products.models import DataProduct
from catalog.products.offers.models import Offer

PRODUCT_VERBS = {
    "create_product": ChangeAction.ADDED,
    "publish_product_draft": ChangeAction.PUBLISHED,
    "deprecate_product": ChangeAction.DEPRECATED,
    "withdraw_deprecation": ChangeAction.DEPRECATION_WITHDRAWN,
    "schedule_retirement": ChangeAction.RETIREMENT_SCHEDULED,
    "call_off_retirement": ChangeAction.RETIREMENT_CANCELLED,
    "retire_product": ChangeAction.RETIRED,
    "set_discovery": ChangeAction.AUDIENCE_CHANGED,
    "write_release_note": ChangeAction.RELEASE_NOTE,
}
OFFER_VERBS = {"publish_offer_version": ChangeAction.PUBLISHED, "retire_offer": ChangeAction.RETIRED}
VERBS = frozenset({*PRODUCT_VERBS, *OFFER_VERBS})
BATCH = 500
KEPT_FOR = timedelta(days=365)


def number_changes() -> int:
    """Add the next events and waiting changes to the feed; returns how many were looked at, 0 while another worker does it.

    The position's row is locked until the commit, so numbers commit in their order, and none is given twice.
    """
    with transaction.atomic():
        position = ChangeFeedPosition.objects.select_for_update(skip_locked=True).first()
        if position is None:
            return 0
        seals = (
            Seal.objects.filter(seq__gt=position.seal_seq).order_by("seq").values_list("seq", "event")[:BATCH]
        )
        read = list(seals)
        waiting = list(PendingChange.objects.select_for_update(skip_locked=True).order_by("pk")[:BATCH])
        made = [*_build_event_changes([event for _seq, event in read]), *map(_build_change, waiting)]
        for number, change in enumerate(made, start=position.change_seq + 1):
            change.seq = number
        Change.objects.bulk_create(made)
        PendingChange.objects.filter(pk__in=[one.pk for one in waiting]).delete()
        if read:
            position.seal_seq = read[-1][0]
        position.change_seq += len(made)
        position.save(update_fields=["seal_seq", "change_seq"])
    return len(read) + len(waiting)


def _build_event_changes(events: list[int]) -> Iterator[Change]:
    """In the order of their seals."""
    found = Event.objects.filter(verb__in=VERBS).in_bulk(events)
    for pk in events:
        event = found.get(pk)
        change = _read_event_change(event) if event else None
        if event and change:
            yield Change(
                at=event.at,
                kind=change.kind,
                action=change.action,
                product_id=change.product,
                event=event,
                data=change.data,
            )


def _build_change(waiting: PendingChange) -> Change:
    return Change(
        at=waiting.at, kind=waiting.kind, action=waiting.action, table_id=waiting.table_id, data=waiting.data
    )


def delete_old_changes(now: datetime) -> int:
    """Up to `BATCH` of the first, which no delivery needs any more. Who reads seldom begins anew: see `read_changes`."""
    first = Change.objects.order_by("seq").values_list("seq", "at", "deliveries")[:BATCH]
    old = [seq for seq, at, delivery in first if at < now - KEPT_FOR and delivery is None]
    return int(Change.objects.filter(seq__in=old).delete()[0])


@dataclass(frozen=True)
class EventChange:
    """What an event changed. `data` holds what whoever sees the product may know."""

    kind: ChangeKind
    action: ChangeAction
    product: int
    data: dict[str, str | int]


def _read_event_change(event: Event) -> EventChange | None:
    """None for an event of another kind, and for a product that is not there."""
    if event.verb in PRODUCT_VERBS:
        kind, _colon, pk = event.subject.partition(":")
        product = int(pk) if kind == "product" else int(event.data.get("product", 0))
        if not DataProduct.objects.filter(pk=product).exists():
            return None
        action = PRODUCT_VERBS[event.verb]
        version = event.data.get("version")
        change_data: dict[str, str | int] = {"version": str(version)} if version else {}
        if action == ChangeAction.RELEASE_NOTE:
            change_data["title"] = str(event.data["reason"])
        return EventChange(ChangeKind.DATA_PRODUCT, action, product, change_data)
    if event.verb not in OFFER_VERBS:
        return None
    offer = Offer.objects.filter(pk=int(event.subject.partition(":")[2])).first()
    if offer is None:
        return None
    data: dict[str, str | int] = {"offer": offer.pk, "number": int(event.data.get("number", 0))}
    return EventChange(ChangeKind.OFFER, OFFER_VERBS[event.verb], offer.product_id, data)
