"""Preview of an approval of access by LF-Tags, from stored rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from fulfilment.intents.queries import list_live_intents_of_principal
from fulfilment.observations.models import ObservedCellsFilter, ObservedPermission
from fulfilment.observations.storage import build_filters, build_held, load_row_policies
from fulfilment.preview.tables import Preview, build_link_permissions, is_delivered, list_present_accesses
from identity.accounts.models import Account, ConnectedCatalog
from kernel.query_cache import QueryCache
from lakeformation.access.access import Access
from lakeformation.access.base import ManyTablesAccess
from lakeformation.effects.call_preview import preview_tag_calls
from lakeformation.effects.tag_effects import ReachedTable, TagState, build_tag_effects
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, is_hybrid
from lakeformation.values.cells import Cells
from lakeformation.values.data_cells_filters import FILTER_NAME_PREFIX

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
        is_hybrid=any(is_hybrid(one.arn, locations, hybrid) for one in access.registrations),
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
