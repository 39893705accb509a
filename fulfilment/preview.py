"""What a yes would make true, and how, from rows alone: a preview costs no AWS call."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q

from fulfilment.agreed import in_force
from fulfilment.models import Intent, Observed
from fulfilment.observed import held_in
from fulfilment.ruled_cells import RuledCells
from identity.models import Account, ConnectedCatalog
from lakeformation.effects import Effects, Known, TableColumn, effects
from lakeformation.observation import IAM_ALLOWED_PRINCIPALS, covers, is_hybrid
from lakeformation.overlaps import Cells
from lakeformation.rehearsal import PlannedCall, rehearse
from lakeformation.rows import Held
from lakeformation.wanted import Access


@dataclass(frozen=True)
class Preview:
    """The effects to agree to, and the calls in the order in which the workers would make them."""

    effects: Effects
    calls: tuple[PlannedCall, ...]


def preview(
    access: Access,
    *,
    table_columns: Sequence[TableColumn],
    asked: Collection[str] = (),
    besides: Sequence[Cells] = (),
) -> Preview:
    """What granting `access` means, given the mirrored columns and what was last seen of AWS.

    `asked` are the columns asked for by name, partition keys among them, which `access` cannot hold. `besides` is
    what the principal sees of the table by LF-Tags.
    """
    known = known_of(access, besides)
    shown = effects(access, columns=table_columns, asked=asked, known=known)
    return Preview(shown, rehearse(access, known))


def is_in_hybrid_mode(catalog: ConnectedCatalog, path: str) -> bool:
    """Whether the data at an S3 ARN lie where Lake Formation decides for those alone who opted in."""
    locations = dict(catalog.registered_locations.values_list("arn", "is_hybrid"))
    return is_hybrid(path, locations, [arn for arn, hybrid in locations.items() if hybrid])


def known_of(access: Access, besides: Sequence[Cells] = ()) -> Known:
    """What rows tell of AWS, as far as it concerns the access. A dozen queries."""
    catalog = ConnectedCatalog.objects.select_related("account").get(
        account__account_id=access.owner, region=access.region, short_name=access.catalog_short_name
    )
    rows = Observed.objects.filter(
        Q(principal_arn__in=[access.principal_arn, IAM_ALLOWED_PRINCIPALS]),
        catalog=catalog,
        database=access.database,
    )
    present = present_between(access)
    accounts = Account.objects.filter(account_id__in=[access.owner, access.consumer])
    held = held_in(catalog, rows)
    ruled = RuledCells.read(catalog, access, held)
    return Known(
        held=held | landed(access, present),
        linked=any(access.link in other.links for other in present),
        delivered=bool(present),
        registered=_is_registered(catalog, access),
        in_organisation=not accounts.filter(in_organisation=False).exists(),
        others=(*ruled.others(), *besides),
        filters_held=ruled.filters_held(),
        limited=_limited(access) if access.is_envelope else (),
        filter_made=access.cells_filter in ruled.seen,
        opted_in=_is_opted_in(catalog, access),
    )


def present_between(access: Access) -> list[Access]:
    """What intents have made true between this catalog and this consumer account."""
    intents = Intent.objects.filter(
        presence=Intent.Presence.PRESENT,
        ended_at__isnull=True,
        wanted__owner=access.owner,
        wanted__region=access.region,
        wanted__consumer=access.consumer,
    )
    return [Access.from_json(intent.wanted) for intent in intents]


def _limited(access: Access) -> tuple[str, ...]:
    """Names of the account's principals whose own grants show them some rows of the table."""
    others = in_force().filter(
        wanted__has_key="row_rule",
        wanted__owner=access.owner,
        wanted__region=access.region,
        wanted__consumer=access.consumer,
        wanted__database=access.database,
        wanted__table=access.table,
    )
    arns = others.exclude(wanted__principal_arn=access.principal_arn).values_list(
        "wanted__principal_arn", flat=True
    )
    return tuple(sorted({arn.rsplit("/", 1)[-1] for arn in arns}))


def landed(access: Access, present: Sequence[Access]) -> Held:
    """What they hold for this principal in the consumer's own catalog."""
    ours = [other for other in present if other.principal_arn == access.principal_arn]
    return {p: columns for other in ours for p, columns in other.permissions() if p.place == access.landing}


def _is_registered(catalog: ConnectedCatalog, access: Access) -> bool:
    """By the last reading of the catalog's locations; unknown counts as not registered."""
    wanted = access.registration
    arns = catalog.registered_locations.values_list("arn", flat=True)
    return wanted is None or any(covers(arn, wanted.arn) for arn in arns)


def _is_opted_in(catalog: ConnectedCatalog, access: Access) -> bool:
    mine = catalog.opt_ins.filter(principal_arn=access.principal_arn)
    return mine.filter(database=access.database, table=access.table).exists()
