"""Reading the change feed: what a person, a team's service or a webhook may see of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.change_feed.models import Change
from catalog.discovery.models import DiscoveryTeam
from catalog.mesh.extent import list_mesh_products
from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from catalog.products.models import SHARED_AUDIENCES, Audience, DataProduct, Domain, ProductTable
from identity.people.models import Membership, Person, Team
from kernel.errors import RefusedError


@dataclass(frozen=True)
class ChangePage:
    """`cursor` is where the next page begins, also when nothing is left: the feed continues there."""

    changes: Sequence[Change]
    cursor: str
    has_more: bool


def list_changes_for_person(person: Person) -> QuerySet[Change]:
    """Of what the person may find, and of what their teams publish."""
    return _select(list_mesh_products(person), visible_tables(person))


def list_changes_for_team(team: Team) -> QuerySet[Change]:
    """Of what everyone in the team finds."""
    products = _list_team_products(team)
    return _select(products, _list_tables(products, is_external=_has_external_members(team)))


def list_shared_changes(*, of_all: bool) -> QuerySet[Change]:
    """Of what everyone in the organisation finds; or of all that is or was published."""
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
