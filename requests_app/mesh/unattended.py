"""What nobody looks after or uses: tables in no product, products whose owners cannot act, unread tables, unused terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import DateTimeField, Exists, F, Max, Model, OuterRef, Q, QuerySet, Subquery

from catalog.glossary.models import Term
from catalog.glossary.queries import list_terms
from catalog.glossary.states import TermState
from catalog.mesh.extent import list_mesh_products, list_mesh_tables
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductTable
from catalog.usage.models import LastUse, TrailReading
from identity.people.models import Membership, Person

MAX_ROWS = 100
UNREAD_DAYS = 90


Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class UnattendedRows(Generic[Row]):
    """The first ones, and how many there are."""

    rows: Sequence[Row]
    total: int


def list_tables_without_product(person: Person) -> QuerySet[Table]:
    """By name."""
    links = ProductTable.objects.filter(table=OuterRef("pk"), product__retired_at=None)
    rows = list_mesh_tables(person).filter(~Exists(links))
    return rows.select_related("database__domain", "database__catalog").order_by("database__name", "name")


def list_products_without_owner(person: Person) -> QuerySet[DataProduct]:
    """Whose owner is deactivated, while the domain's team has no active data owner, so that nobody can decide."""
    owners = Membership.objects.filter(
        team=OuterRef("domain__owner_team"), role=Membership.Role.DATA_OWNER, person__is_active=True
    )
    rows = list_mesh_products(person).filter(~Exists(owners), retired_at=None)
    return rows.select_related("domain", "owner").order_by("name")


def list_unread_tables(person: Person, now: datetime) -> QuerySet[Table]:
    """Tables of products that nobody read for `UNREAD_DAYS` days, where the log files of all these days were read; with
    `last_used`, None if no use is known. Those whose log files were not read are left out: nothing is known of them.
    """
    since = now - timedelta(days=UNREAD_DAYS)
    uses = LastUse.objects.filter(
        catalog=OuterRef("database__catalog"), database=OuterRef("database__name"), table=OuterRef("name")
    )
    latest = uses.order_by().values("catalog").annotate(latest=Max("at")).values("latest")
    readings = TrailReading.objects.filter(
        trail__catalog=OuterRef("database__catalog"), since__lte=since, until__gte=now - timedelta(days=1)
    )
    linked = ProductTable.objects.filter(table=OuterRef("pk"), product__retired_at=None)
    rows = list_mesh_tables(person).filter(Exists(readings), Exists(linked))
    found = rows.annotate(last_used=Subquery(latest, output_field=DateTimeField()))
    unread = found.filter(Q(last_used=None) | Q(last_used__lt=since))
    return unread.select_related("database__domain").order_by(
        F("last_used").asc(nulls_first=True), "database__name", "name"
    )


def list_unread_catalogs(person: Person, now: datetime) -> list[str]:
    """Short names of catalogs of tables in products, whose log files do not cover these days."""
    since = now - timedelta(days=UNREAD_DAYS)
    read = TrailReading.objects.filter(
        trail__catalog=OuterRef("database__catalog"), since__lte=since, until__gte=now - timedelta(days=1)
    )
    linked = ProductTable.objects.filter(table=OuterRef("pk"), product__retired_at=None)
    rows = list_mesh_tables(person).filter(~Exists(read), Exists(linked))
    return sorted(set(rows.values_list("database__catalog__short_name", flat=True)[:MAX_ROWS]))


def list_unused_terms(person: Person) -> QuerySet[Term]:
    """Approved terms that nothing which the person may see is linked to."""
    rows: QuerySet[Any] = list_terms(person)
    return rows.filter(linked=0, state=TermState.APPROVED)


def take_rows(rows: QuerySet[Row]) -> UnattendedRows[Row]:
    """Two queries at most."""
    found = list(rows[: MAX_ROWS + 1])
    return UnattendedRows(found[:MAX_ROWS], rows.count() if len(found) > MAX_ROWS else len(found))
