"""A whole database as a target: what it contains, why it may be refused, and its access."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.lf_tag_matches import TagMatchedTable, list_database_tables
from catalog.mirror.models import Database
from catalog.products.may import visible_tables
from catalog.products.models import Domain
from fulfilment.preview.lf_tags import preview_tags
from fulfilment.preview.tables import Preview
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError
from identity.people.models import Person
from lakeformation.access.access import Access, WholeDatabase
from lakeformation.effects.tag_effects import ReachedTable
from lakeformation.values.canonical_json import digest
from lakeformation.values.permissions import ALL_TABLES
from requests_app.access_requests.models import RequestItem
from requests_app.targets.parties import build_access_for_parties
from requests_app.targets.reached_tables import MAX_TABLES, build_member, list_locations

DATABASE_FIELD = "database"
"""Under which a form says what is wrong with it."""


class FutureAccess(TextChoices):
    """What comes later of a database that is asked for."""

    NOTHING = "nothing", gettext_lazy("nothing: today's tables with today's columns")
    COLUMNS = "columns", gettext_lazy("columns: today's tables, each with future columns")
    TABLES = "tables", gettext_lazy("tables: all tables, including future ones")


@dataclass(frozen=True)
class DatabaseTarget:
    """`tables` are those that the asker sees, each with all of its columns; `refusal` is why every table, those yet to
    come too, may not be asked for, or empty. The tables by name may be all the same. `obstacle`: see `ManyTablesTarget`.
    """

    database: Database
    tables: tuple[TagMatchedTable, ...]
    refusal: str
    obstacle: str

    @property
    def catalog(self) -> ConnectedCatalog:
        return self.database.catalog

    @property
    def domain(self) -> Domain | None:
        return self.database.domain

    @cached_property
    def members(self) -> tuple[ReachedTable, ...]:
        return tuple(build_member(one) for one in self.tables)

    @property
    def members_hash(self) -> str:
        """Names exactly these tables and columns of this database: what was seen is what is asked for."""
        return digest([self.database.glue_created_at, *(one.to_json() for one in self.members)])

    @property
    def inside(self) -> WholeDatabase:
        return WholeDatabase(tuple(one.table for one in self.members), list_locations(self.tables))


def get_database(person: Person, pk: int) -> Database:
    """One of which the person sees a table. NotFoundError."""
    return _get_visible_database(Database.objects.filter(pk=pk), person)


def get_database_by_name(person: Person, catalog: str, name: str) -> Database:
    """The same by its catalog's short name and its own. NotFoundError."""
    return _get_visible_database(Database.objects.filter(catalog__short_name=catalog, name=name), person)


def build_database_target(database: Database, requester: Person) -> DatabaseTarget:
    """Of the mirror as it is now. Three queries."""
    found = list_database_tables(database.catalog, database.name, limit=MAX_TABLES)
    shown = visible_tables(requester).filter(pk__in=[one.table.pk for one in found])
    seen = set(shown.values_list("pk", flat=True))
    tables = tuple(one for one in found if one.table.pk in seen)
    return DatabaseTarget(database, tables, _find_refusal(database, tables), _find_obstacle(found, tables))


def get_database_changed_message() -> str:
    """For a `members_hash` of something else."""
    return _("The tables of the database have changed since you opened this page. Check again.")


def _find_refusal(database: Database, seen: Sequence[TagMatchedTable]) -> str:
    if not seen:
        return _("%(database)s has no tables.") % {"database": database}
    if len(seen) > MAX_TABLES:
        words = {"most": MAX_TABLES}
        return (
            _("It has more than %(most)s tables, which nobody can review. Request access by LF-Tags.") % words
        )
    if database.domain is None:
        return _("The database belongs to no domain, so there is no data owner for future tables.")
    if database.catalog.holds_new_columns:
        return _(
            "In this catalog, new tables wait until they are classified, but AWS would open them at once."
        )
    return ""


def _find_obstacle(found: Sequence[TagMatchedTable], seen: Sequence[TagMatchedTable]) -> str:
    if len(found) == len(seen):
        return ""
    return _(
        "It covers tables that the requester can't see. Publish them in a data product, or ask for a change."
    )


def _get_visible_database(rows: QuerySet[Database], person: Person) -> Database:
    rows = rows.filter(tombstoned_at=None, tables__in=visible_tables(person).filter(tombstoned_at=None))
    found = rows.select_related("catalog__account", "domain__owner_team").distinct().first()
    if found is None:
        raise NotFoundError
    return found


def build_item_database_target(item: RequestItem) -> DatabaseTarget:
    """What the item's database holds now, as its asker sees it."""
    return build_database_target(item.table.database, item.request.asker)


def build_database_access(item: RequestItem, found: DatabaseTarget) -> Access:
    """What the item's grant would want: one principal, every table of the database for ever."""
    database = found.database
    return build_access_for_parties(
        item,
        database=database.name,
        table=ALL_TABLES,
        table_created=database.glue_created_at,
        whole_database=found.inside,
    )


def preview_database_item(item: RequestItem) -> Preview:
    """The effects of agreeing to the item, and the calls that it would set off."""
    found = build_item_database_target(item)
    shown = preview_tags(found.catalog, build_database_access(item, found), found.members)
    refusal = found.refusal or found.obstacle
    if not refusal:
        return shown
    effects = replace(shown.effects, refusals=(refusal, *shown.effects.refusals))
    return Preview(effects, shown.calls)
