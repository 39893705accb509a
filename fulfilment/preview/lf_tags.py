"""What a yes to an LF-Tag expression would make true, and how, from rows alone."""

from collections.abc import Iterator, Sequence

from fulfilment.intents.queries import agreed_to
from fulfilment.observations.models import Observed, ObservedFilter
from fulfilment.observations.storage import filters_in, held_in
from fulfilment.preview.tables import Preview, is_delivered, landed, present_beside
from fulfilment.query_cache import Readings
from identity.accounts.models import Account, ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.effects.call_preview import rehearse_tags
from lakeformation.effects.tag_effects import Member, TagsKnown, tag_effects
from lakeformation.effects.widening import Cells
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, is_hybrid
from lakeformation.values.data_cells_filters import OUR_FILTERS

Placed = tuple[tuple[str, str], Cells]


def preview_tags(catalog: ConnectedCatalog, access: Access, members: Sequence[Member]) -> Preview:
    """What granting `access` means, given what its expression reaches in the mirror. Eight queries at most."""
    rows = Observed.objects.filter(
        catalog=catalog,
        principal_arn__in=[access.principal_arn, IAM_ALLOWED_PRINCIPALS],
        database__in=[*access.databases, ""],
    )
    readings = Readings()
    present = present_beside(catalog, access, readings)
    locations = dict(catalog.registered_locations.values_list("arn", "is_hybrid"))
    hybrid = [arn for arn, one in locations.items() if one]
    accounts = Account.objects.filter(account_id__in=[access.owner, access.consumer])
    known = TagsKnown(
        held=held_in(catalog, rows) | landed(access, present),
        links=frozenset(link for other in present for link in other.links),
        delivered=is_delivered(catalog, access, readings),
        locations=frozenset(locations),
        is_hybrid=any(is_hybrid(one.arn, locations, hybrid) for one in access.registrations),
        in_organisation=not accounts.filter(in_organisation=False).exists(),
        others=(*_ruled(access), *_filtered(catalog, access)),
    )
    return Preview(tag_effects(access, members, known), rehearse_tags(access, known))


def _ruled(access: Access) -> Iterator[Placed]:
    """Rows that live grants give the principal by a rule."""
    intents = agreed_to(principal_arn=access.principal_arn, owner=access.owner, region=access.region).filter(
        wanted__has_key="row_rule"
    )
    for intent in intents:
        one = intent.access
        yield (one.database, one.table), Cells(one.columns, one.row_rule, "an earlier approval")


def _filtered(catalog: ConnectedCatalog, access: Access) -> Iterator[Placed]:
    """Data cells filters that it was last seen to hold, ours left out: they are told by their grants."""
    held = Observed.objects.filter(
        catalog=catalog, principal_arn=access.principal_arn, database__in=access.databases
    )
    names = set(held.exclude(cells_filter="").values_list("cells_filter", flat=True))
    rows = ObservedFilter.objects.filter(catalog=catalog, name__in=names)
    for one in filters_in(catalog, rows.exclude(name__startswith=OUR_FILTERS)):
        yield (one.database, one.table), Cells(one.columns, one.rows, f"filter {one.name}")
