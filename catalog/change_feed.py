"""Changes of products, tables, offers and classifications, in one order, for business catalogs outside.

What commits together with a change of the mirror is a `PendingChange`, in no order. One worker at a time moves them, and
sealed audit events, into `Change` and numbers them. A number is given only once all earlier ones are committed: who has read
up to one misses nothing before it.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event, Seal
from catalog.discovery import DiscoveryTeam
from catalog.mesh.extent import list_mesh_products
from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from catalog.products.models import SHARED_AUDIENCES, Audience, DataProduct, Domain, ProductTable
from catalog.products.offers.models import Offer
from identity.people.models import Membership, Person, Team
from kernel.errors import RefusedError


class ChangeKind(models.TextChoices):
    DATA_PRODUCT = "data_product", gettext_lazy("data product")
    TABLE = "table", gettext_lazy("table")
    OFFER = "offer", gettext_lazy("offer")
    CLASSIFICATION = "classification", gettext_lazy("classification")


class ChangeAction(models.TextChoices):
    ADDED = "added", gettext_lazy("added")
    PUBLISHED = "published", gettext_lazy("published")
    CHANGED = "changed", gettext_lazy("changed")
    SCHEMA_CHANGED = "schema_changed", gettext_lazy("schema changed")
    AUDIENCE_CHANGED = "audience_changed", gettext_lazy("audience changed")
    DEPRECATED = "deprecated", gettext_lazy("deprecated")
    DEPRECATION_WITHDRAWN = "deprecation_withdrawn", gettext_lazy("deprecation withdrawn")
    RETIREMENT_SCHEDULED = "retirement_scheduled", gettext_lazy("retirement scheduled")
    RETIREMENT_CANCELLED = "retirement_cancelled", gettext_lazy("retirement cancelled")
    RETIRED = "retired", gettext_lazy("retired")
    RELEASE_NOTE = "release_note", gettext_lazy("release note")
    REMOVED = "removed", gettext_lazy("removed")


class Change(models.Model):
    """`token` names it outside: unlike `seq` it does not tell how many others there are."""

    seq = models.BigIntegerField(primary_key=True)
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=ChangeKind)
    action = models.CharField(max_length=30, choices=ChangeAction)
    product = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="feed_changes"
    )
    table = models.ForeignKey(
        Table, null=True, blank=True, on_delete=models.PROTECT, related_name="feed_changes"
    )
    event = models.OneToOneField(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(product=None, table__isnull=False) | Q(product__isnull=False, table=None),
                name="change_of_product_or_table",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.action}"


class PendingChange(models.Model):
    """A change of the mirror that is not numbered yet. Written by triggers: see `catalog/migrations/sql/change_feed.sql`."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=ChangeKind)
    action = models.CharField(max_length=30, choices=ChangeAction)
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="+", db_index=False)
    data = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.action}"


class ChangeFeedPosition(models.Model):
    """How far events are in the feed, and the last number: one row, locked by the worker that adds to it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seal_seq = models.BigIntegerField(default=0)
    change_seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="change_feed_position_one_row")]

    def __str__(self) -> str:
        return f"change {self.change_seq}"


@dataclass(frozen=True)
class ChangePage:
    """`cursor` is where the next page begins, also when nothing is left: the feed continues there."""

    changes: Sequence[Change]
    cursor: str
    has_more: bool


def list_changes_for_person(person: Person) -> QuerySet[Change]:
    """Changes of what the person may find, and of what their teams publish."""
    return _select(list_mesh_products(person), visible_tables(person))


def list_changes_for_team(team: Team) -> QuerySet[Change]:
    """Changes of what everyone in the team finds."""
    products = _list_team_products(team)
    return _select(products, _list_tables(products, is_external=_has_external_members(team)))


def list_shared_changes(*, of_all: bool) -> QuerySet[Change]:
    """Changes of what everyone in the organisation finds; or of all that is or was published."""
    products = DataProduct.objects.filter(Q(is_published=True) | Q(retired_at__isnull=False))
    if not of_all:
        products = products.filter(seen_by__in=SHARED_AUDIENCES)
    return _select(products, _list_tables(products, is_external=False))


def read_changes(changes: QuerySet[Change], since: str, limit: int) -> ChangePage:
    """The next ones after the cursor `since`; from the oldest without one. RefusedError for an unknown cursor."""
    after = _find_place(since)
    last = Change.objects.aggregate(last=Max("seq"))["last"] or 0
    rows = changes.filter(seq__gt=after, seq__lte=last).select_related("product", "table").order_by("seq")
    found = list(rows[: limit + 1])
    has_more, found = len(found) > limit, found[:limit]
    if has_more:
        return ChangePage(found, str(found[-1].token), has_more=True)
    head = Change.objects.filter(seq=last).values_list("token", flat=True).first() if last > after else None
    return ChangePage(found, str(head) if head else since, has_more=False)


def _find_place(since: str) -> int:
    if not since:
        return 0
    try:
        token = uuid.UUID(since)
    except ValueError:
        token = None
    seq = Change.objects.filter(token=token).values_list("seq", flat=True).first() if token else None
    if seq is None:
        raise RefusedError(
            _(
                "This cursor is unknown, or its changes are no longer kept. Read all data products anew, then begin without it."
            ),
            "since",
        )
    return seq


def _select(products: QuerySet[DataProduct], tables: QuerySet[Table]) -> QuerySet[Change]:
    return Change.objects.filter(Q(product__in=products.values("pk")) | Q(table__in=tables.values("pk")))


def _list_team_products(team: Team) -> QuerySet[DataProduct]:
    rows = DataProduct.objects.filter(Q(is_published=True) | Q(retired_at__isnull=False))
    if _has_external_members(team):
        return rows.filter(seen_by=Audience.EVERYONE)
    lines = Domain.objects.filter(owner_team=team).exclude(line_of_business="").values("line_of_business")
    named = DiscoveryTeam.objects.filter(product=OuterRef("pk"), team=team)
    return rows.filter(
        Q(seen_by__in=SHARED_AUDIENCES)
        | Q(domain__owner_team=team)
        | Q(seen_by=Audience.LINE, domain__line_of_business__in=lines)
        | Q(Exists(named), seen_by=Audience.TEAMS)
    )


def _list_tables(products: QuerySet[DataProduct], *, is_external: bool) -> QuerySet[Table]:
    linked = ProductTable.objects.filter(table=OuterRef("pk"))
    shown = Exists(linked.filter(product__in=products.values("pk")))
    return Table.objects.filter(shown) if is_external else Table.objects.filter(shown | ~Exists(linked))


def _has_external_members(team: Team) -> bool:
    members = Membership.objects.filter(team=team, person__is_active=True)
    return members.filter(person__is_external=True).exists()


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
