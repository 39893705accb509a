"""Which audit events are changes of the feed."""

from dataclasses import dataclass

from audit.models import Event
from catalog.change_feed.models import ChangeAction, ChangeKind
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


@dataclass(frozen=True)
class EventChange:
    """What an event changed. `data` holds what whoever sees the product may know."""

    kind: ChangeKind
    action: ChangeAction
    product: int
    data: dict[str, str | int]


def read_event_change(event: Event) -> EventChange | None:
    """None for an event of another kind, and for a product that is not there."""
    if event.verb in PRODUCT_VERBS:
        return _read_product_change(event)
    return _read_offer_change(event) if event.verb in OFFER_VERBS else None


def _read_product_change(event: Event) -> EventChange | None:
    kind, _colon, pk = event.subject.partition(":")
    product = int(pk) if kind == "product" else int(event.data.get("product", 0))
    if not DataProduct.objects.filter(pk=product).exists():
        return None
    action = PRODUCT_VERBS[event.verb]
    version = event.data.get("version")
    data: dict[str, str | int] = {"version": str(version)} if version else {}
    if action == ChangeAction.RELEASE_NOTE:
        data["title"] = str(event.data["reason"])
    return EventChange(ChangeKind.DATA_PRODUCT, action, product, data)


def _read_offer_change(event: Event) -> EventChange | None:
    offer = Offer.objects.filter(pk=int(event.subject.partition(":")[2])).first()
    if offer is None:
        return None
    data: dict[str, str | int] = {"offer": offer.pk, "number": int(event.data.get("number", 0))}
    return EventChange(ChangeKind.OFFER, OFFER_VERBS[event.verb], offer.product_id, data)
