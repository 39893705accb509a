"""Preview of an approval from stored rows: of access to tables by name, and by LF-Tags."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from django.db.models import Q, QuerySet

from fulfilment.intents.actions import share_scope_key
from fulfilment.intents.models import (
    ACCESS_FIELDS,
    Intent,
    list_live_accesses_in_database,
    list_live_intents,
    list_live_intents_of_principal,
)
from fulfilment.observations.models import ObservedCellsFilter, ObservedPermission
from fulfilment.observations.storage import build_filters, build_held, load_row_policies
from identity.accounts import Account, ConnectedCatalog
from kernel.queries import QueryCache
from lakeformation.access.access import Access, list_kinds_of_any_database
from lakeformation.access.base import ManyTablesAccess
from lakeformation.access.table_access import SingleTableAccess, TableAccess
from lakeformation.effects.call_preview import PlannedCall, preview_calls, preview_tag_calls
from lakeformation.effects.table_effects import Effects, TableColumn, TableState, build_table_effects
from lakeformation.effects.tag_effects import ReachedTable, TagState, build_tag_effects
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, is_hybrid, is_path_covered
from lakeformation.values.column_sets import NO_COLUMNS, Cells
from lakeformation.values.data_cells_filters import FILTER_NAME_PREFIX, CellsFilter
from lakeformation.values.permissions import ALL_TABLES, SELECT, HeldPermissions, Permission
from lakeformation.values.row_policies import TableTags

UNREADABLE_FILTER = "a rule that could not be read"


@dataclass(frozen=True)
class CellOverlap:
    """`other_accesses`: what other live intents give the principal; `held`: what it held at the last reading."""

    access: SingleTableAccess
    other_accesses: list[Access]
    held: HeldPermissions
    filters: list[CellsFilter]

    @classmethod
    def load(
        cls, catalog: ConnectedCatalog, access: SingleTableAccess, held: HeldPermissions, readings: QueryCache
    ) -> Self:
        """A query for the tables of one database, and another where one of them may have filters."""
        may_have_filters = access.cells_filter or any(permission.cells_filter for permission in held)
        filters = _load_filters(catalog, access, readings) if may_have_filters else []
        live_accesses = list_live_accesses_in_database(
            access.database,
            principal_arn=access.principal_arn,
            owner=access.owner,
            region=access.owner_catalog.region,
            cache=readings,
        )
        targets = {access.target, (access.database, ALL_TABLES)}
        other_accesses = [
            live_access
            for live_access in live_accesses
            if live_access.target in targets and live_access != access
        ]
        return cls(access, other_accesses, held, filters)

    def list_other_cells(self) -> tuple[Cells, ...]:
        """Cells that the principal sees without this access. What is both wanted and held counts once."""
        return (
            *self._iterate_granted_cells(),
            *self._iterate_selected_cells(),
            *self._iterate_filter_cells(),
        )

    def list_held_filters(self) -> frozenset[str]:
        """Names of the filters on the table that the principal holds, or is about to hold."""
        coming = {access.cells_filter.name for access in self.other_accesses if access.cells_filter}
        return frozenset(coming | {p.cells_filter for p in self._list_selects() if p.cells_filter})

    def list_approved_verbs(self) -> frozenset[str]:
        """The verbs that the other intents give the principal on the table."""
        return frozenset(
            permission.verb
            for access in self.other_accesses
            for permission, _columns in access.permissions
            if access.is_about(permission)
        )

    def _iterate_granted_cells(self) -> Iterator[Cells]:
        for access in self.other_accesses:
            if access.opens_data:
                yield replace(access.cells, source="approved earlier")

    def _list_selects(self) -> list[Permission]:
        mine = (
            p for p in self.held if p.principal == self.access.principal_arn and p.verb in {SELECT, "ALL"}
        )
        return [p for p in mine if p.table in {self.access.table, ALL_TABLES} and not p.grantable]

    def _iterate_selected_cells(self) -> Iterator[Cells]:
        """SELECT without a filter, beyond what our grants give."""
        for permission in self._list_selects():
            columns = NO_COLUMNS if permission.cells_filter else self.held[permission]
            for access in self.other_accesses:
                other, approved = access.table_permission
                if other == permission:
                    columns -= approved
            if columns:
                yield Cells(columns, "", "held outside the portal")

    def _iterate_filter_cells(self) -> Iterator[Cells]:
        known = {one.name: one for one in self.filters}
        ours = {access.cells_filter.name for access in self.other_accesses if access.cells_filter}
        own = self.access.cells_filter
        names = (
            {p.cells_filter for p in self._list_selects() if p.cells_filter}
            - ours
            - ({own.name} if own else set())
        )
        for name in sorted(names):
            why = f"filter {name}is held outside the portal"
            found = known.get(name)
            yield (
                Cells(found.columns, found.rows, why) if found else Cells(~NO_COLUMNS, UNREADABLE_FILTER, why)
            )


def _load_filters(
    catalog: ConnectedCatalog, access: SingleTableAccess, readings: QueryCache
) -> list[CellsFilter]:
    """Data cells filters on the table."""
    rows = ObservedCellsFilter.objects.filter(catalog=catalog, database=access.database)
    key = ("filters", catalog.pk, access.database)
    filters = readings.get_or_read(key, lambda: build_filters(catalog, rows))
    return [one for one in filters if one.table == access.table]


@dataclass(frozen=True)
class Preview:
    """The effects to agree to. `plan_calls` lists the calls that the workers would make, in their order. No query."""

    effects: Effects
    plan_calls: Callable[[], tuple[PlannedCall, ...]]


def preview_access(
    access: TableAccess,
    *,
    table_columns: Sequence[TableColumn],
    requested_columns: Collection[str] = (),
    other_cells: Sequence[Cells] = (),
    created_by: str = "",
    table_tags: TableTags | None = None,
    default_row_policy: str = "",
    cache: QueryCache | None = None,
) -> Preview:
    """What granting `access` means, given the mirrored columns and what was last seen of AWS.

    `requested_columns` are named in the request and may be partition keys, which `access` cannot hold. `other_cells`
    are what the principal sees by LF-Tags; `created_by` is the creator of the table; `table_tags` are its LF-Tags and those of
    its columns, `default_row_policy` is the one that Glue tells of. Previews may share a `cache`.
    """
    table_state = load_table_state(access, other_cells, cache)
    policies = table_state.row_policies.with_default(access.database, access.table, default_row_policy)
    known = replace(table_state, creator=created_by, table_tags=table_tags, row_policies=policies)
    shown = build_table_effects(
        access, columns=table_columns, requested_columns=requested_columns, state=known
    )
    return Preview(shown, partial(preview_calls, access, known))


def is_in_hybrid_mode(catalog: ConnectedCatalog, path: str, cache: QueryCache | None = None) -> bool:
    """Whether the S3 ARN lies in a location in hybrid access mode."""
    locations = _load_locations(catalog, cache or QueryCache())
    return is_hybrid(path, locations, [arn for arn, hybrid in locations.items() if hybrid])


def is_location_in_hybrid_mode(
    catalog: ConnectedCatalog, location: str, cache: QueryCache | None = None
) -> bool:
    """The same for a table's location in Glue: `s3://…`, or empty."""
    path = location.removeprefix("s3://").rstrip("/")
    return path != location.rstrip("/") and is_in_hybrid_mode(catalog, f"arn:aws:s3:::{path}", cache)


def load_table_state(
    access: TableAccess, other_cells: Sequence[Cells] = (), cache: QueryCache | None = None
) -> TableState:
    """The stored state of AWS that concerns the access. About twelve queries, fewer if the cache has results."""
    read = cache or QueryCache()
    rows = ConnectedCatalog.objects.select_related("account")
    owner, region, name = access.owner, access.owner_catalog.region, access.parties.catalog_short_name
    catalog = read.get_or_read(
        ("catalog", owner, region, name),
        lambda: rows.get(account__account_id=owner, region=region, short_name=name),
    )
    present = list_present_accesses(catalog, access, read)
    inside = read.get_or_read(("inside", access.owner, access.consumer), lambda: _is_in_organisation(access))
    mine = (catalog.pk, access.principal_arn, access.database)
    held = read.get_or_read(("held", *mine), lambda: load_held(catalog, access))
    ruled = CellOverlap.load(catalog, access, held, read)
    # By the last reading of the catalog's locations; unknown counts as not registered.
    wanted = access.registration
    is_registered = wanted is None or any(
        is_path_covered(arn, wanted.arn) for arn in _load_locations(catalog, read)
    )
    return TableState(
        held=held | build_link_permissions(access, present),
        has_link=any(access.link in other.links for other in present),
        has_link_database=any(access.link_database == other.link_database for other in present),
        is_share_delivered=inside or is_delivered(catalog, access, read),
        is_registered=is_registered,
        in_organisation=inside,
        other_cells=(*ruled.list_other_cells(), *other_cells),
        held_filters=ruled.list_held_filters(),
        row_filtered_principals=_list_row_filtered_principals(access, read)
        if access.is_account_grant
        else (),
        has_filter=access.cells_filter in ruled.filters,
        is_opted_in=access.opt_in is not None
        and access.table in _load_opted_in_tables(catalog, access, read),
        approved_verbs=ruled.list_approved_verbs(),
        row_policies=read.get_or_read(("row policies", catalog.pk), lambda: load_row_policies(catalog)),
    )


def cache_catalog(catalog: ConnectedCatalog, consumer: Account, cache: QueryCache) -> None:
    """Put the catalog and the consumer account into the cache."""
    owner = catalog.account
    cache.get_or_read(("catalog", owner.account_id, catalog.region, catalog.short_name), lambda: catalog)
    inside = owner.in_organisation and consumer.in_organisation
    cache.get_or_read(("inside", owner.account_id, consumer.account_id), lambda: inside)


def load_held(catalog: ConnectedCatalog, access: SingleTableAccess) -> HeldPermissions:
    """By the principal, or by everyone with IAM rights, in the database."""
    whose = [access.principal_arn, IAM_ALLOWED_PRINCIPALS]
    rows = ObservedPermission.objects.filter(
        catalog=catalog, principal_arn__in=whose, database=access.database
    )
    return build_held(catalog, rows)


def _is_in_organisation(access: Access) -> bool:
    accounts = Account.objects.filter(account_id__in=[access.owner, access.consumer])
    return not accounts.filter(in_organisation=False).exists()


def list_present_accesses(catalog: ConnectedCatalog, access: Access, read: QueryCache) -> list[Access]:
    """Accesses proven present for this consumer account: in the access's databases, and by LF-Tags in any."""

    def read_here() -> list[Access]:
        here = Q(wanted__database__in=sorted(access.databases)) | Q(
            wanted__kind__in=list_kinds_of_any_database()
        )
        rows = _list_present_intents(catalog, access).filter(here)
        return [intent.access for intent in rows.only(*ACCESS_FIELDS)]

    return read.get_or_read(("present", catalog.pk, access.consumer, access.databases), read_here)


def is_delivered(catalog: ConnectedCatalog, access: Access, read: QueryCache) -> bool:
    """Whether any access to the catalog is proven present for this consumer account."""
    if list_present_accesses(catalog, access, read):
        return True
    return read.get_or_read(
        ("delivered", catalog.pk, access.consumer), _list_present_intents(catalog, access).exists
    )


def _list_present_intents(catalog: ConnectedCatalog, access: Access) -> QuerySet[Intent]:
    return Intent.objects.filter(
        scope_key=share_scope_key(catalog.pk, access.consumer),
        presence=Intent.Presence.PRESENT,
        ended_at__isnull=True,
    )


def _list_row_filtered_principals(access: TableAccess, read: QueryCache) -> tuple[str, ...]:
    """Names of the account's principals whose own grants show them some rows of the table."""
    place = (access.owner_catalog, access.consumer, access.database)
    rules = read.get_or_read(("limited", *place), lambda: _load_row_filtered(access))
    return tuple(
        sorted(
            {
                arn.rsplit("/", 1)[-1]
                for table, arn in rules
                if table == access.table and arn != access.principal_arn
            }
        )
    )


def _load_row_filtered(access: TableAccess) -> list[tuple[str, str]]:
    """Tables of the database that grants to the account show by some rows, with the principal of each."""
    ruled = list_live_intents().filter(
        wanted__has_key="row_filter",
        wanted__owner=access.owner,
        wanted__region=access.owner_catalog.region,
        wanted__consumer=access.consumer,
        wanted__database=access.database,
    )
    return list(ruled.values_list("wanted__table", "wanted__principal_arn"))


def build_link_permissions(access: Access, present: Sequence[Access]) -> HeldPermissions:
    """The principal's permissions in the consumer's own catalog, on links."""
    ours = [other for other in present if other.principal_arn == access.principal_arn]
    return {
        p: columns
        for other in ours
        for p, columns in other.permissions
        if p.catalog == access.consumer_catalog
    }


def _load_locations(catalog: ConnectedCatalog, read: QueryCache) -> dict[str, bool]:
    """Registered S3 ARNs, with whether they are in hybrid access mode."""
    rows = catalog.registered_locations.values_list("arn", "is_hybrid")
    return read.get_or_read(("locations", catalog.pk), lambda: dict(rows))


def _load_opted_in_tables(catalog: ConnectedCatalog, access: TableAccess, read: QueryCache) -> frozenset[str]:
    """Names of the tables in the database for which the principal is opted in."""
    mine = catalog.opt_ins.filter(principal_arn=access.principal_arn, database=access.database)
    key = ("opt-ins", catalog.pk, access.principal_arn, access.database)
    return read.get_or_read(key, lambda: frozenset(mine.values_list("table", flat=True)))


TableCells = tuple[tuple[str, str], Cells]


def preview_tags(
    catalog: ConnectedCatalog, access: ManyTablesAccess, members: Sequence[ReachedTable]
) -> Preview:
    """What granting `access` means, given what its expression reaches in the mirror. Nine queries at most."""
    rows = ObservedPermission.objects.filter(
        catalog=catalog,
        principal_arn__in=[access.principal_arn, IAM_ALLOWED_PRINCIPALS],
        database__in=[*access.databases, ""],
    )
    readings = QueryCache()
    present = list_present_accesses(catalog, access, readings)
    locations = dict(catalog.registered_locations.values_list("arn", "is_hybrid"))
    hybrid = [arn for arn, one in locations.items() if one]
    accounts = Account.objects.filter(account_id__in=[access.owner, access.consumer])
    known = TagState(
        held=build_held(catalog, rows) | build_link_permissions(access, present),
        links=frozenset(link for other in present for link in other.links),
        is_share_delivered=is_delivered(catalog, access, readings),
        locations=frozenset(locations),
        is_hybrid=any(
            is_hybrid(registration.arn, locations, hybrid) for registration in access.registrations
        ),
        in_organisation=not accounts.filter(in_organisation=False).exists(),
        other_cells=(*_iterate_granted_cells(access), *_iterate_filter_cells(catalog, access)),
        row_policies=load_row_policies(catalog),
    )
    effects = build_tag_effects(access, members, known)
    return Preview(effects, partial(preview_tag_calls, access, known))


def _iterate_granted_cells(access: Access) -> Iterator[TableCells]:
    """Cells that live grants with a row filter give the principal."""
    intents = list_live_intents_of_principal(
        principal_arn=access.principal_arn, owner=access.owner, region=access.owner_catalog.region
    ).filter(wanted__has_key="row_filter")
    for intent in intents:
        one = intent.table_access
        yield one.target, replace(one.cells, source="an earlier approval")


def _iterate_filter_cells(catalog: ConnectedCatalog, access: Access) -> Iterator[TableCells]:
    """Cells of data cells filters that the principal holds outside our grants."""
    held = ObservedPermission.objects.filter(
        catalog=catalog, principal_arn=access.principal_arn, database__in=access.databases
    )
    names = set(held.exclude(cells_filter="").values_list("cells_filter", flat=True))
    rows = ObservedCellsFilter.objects.filter(catalog=catalog, name__in=names)
    for one in build_filters(catalog, rows.exclude(name__startswith=FILTER_NAME_PREFIX)):
        yield (one.database, one.table), Cells(one.columns, one.rows, f"filter {one.name}")
