"""What a yes would make true, and how, from rows alone: a preview costs no AWS call."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from fulfilment.intents.actions import share_scope_key
from fulfilment.intents.models import Intent
from fulfilment.intents.queries import in_force
from fulfilment.observations.models import Observed
from fulfilment.observations.storage import held_in
from fulfilment.preview.row_rule_overlap import RuledCells
from fulfilment.query_cache import Readings
from identity.accounts.models import Account, ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.effects.call_preview import PlannedCall, rehearse
from lakeformation.effects.table_effects import Effects, Known, TableColumn, effects
from lakeformation.effects.widening import Cells
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, covers, is_hybrid
from lakeformation.values.permissions import Held


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
    made_by: str = "",
    readings: Readings | None = None,
) -> Preview:
    """What granting `access` means, given the mirrored columns and what was last seen of AWS.

    `asked` are the columns asked for by name, partition keys among them, which `access` cannot hold. `besides` is
    what the principal sees of the table by LF-Tags, `made_by` who made the table. Several previews may share `readings`.
    """
    known = replace(known_of(access, besides, readings), made_by=made_by)
    shown = effects(access, columns=table_columns, asked=asked, known=known)
    return Preview(shown, rehearse(access, known))


def is_in_hybrid_mode(catalog: ConnectedCatalog, path: str, readings: Readings | None = None) -> bool:
    """Whether the data at an S3 ARN lie where Lake Formation decides for those alone who opted in."""
    locations = _locations(catalog, readings or Readings())
    return is_hybrid(path, locations, [arn for arn, hybrid in locations.items() if hybrid])


def lies_in_hybrid_mode(catalog: ConnectedCatalog, location: str, readings: Readings | None = None) -> bool:
    """The same of a table's location as Glue has it: `s3://…`, or none."""
    path = location.removeprefix("s3://").rstrip("/")
    return path != location.rstrip("/") and is_in_hybrid_mode(catalog, f"arn:aws:s3:::{path}", readings)


def known_of(access: Access, besides: Sequence[Cells] = (), readings: Readings | None = None) -> Known:
    """What rows tell of AWS, as far as it concerns the access. A dozen queries, less what `readings` has."""
    read = readings or Readings()
    catalog = _catalog(access, read)
    present = present_beside(catalog, access, read)
    inside = read.once(("inside", access.owner, access.consumer), lambda: _is_inside(access))
    mine = (catalog.pk, access.principal_arn, access.database)
    held = read.once(("held", *mine), lambda: _held(catalog, access))
    ruled = RuledCells.read(catalog, access, held, read)
    opted_in = read.once(("opt-ins", *mine), lambda: _opted_in(catalog, access))
    return Known(
        held=held | landed(access, present),
        linked=any(access.link in other.links for other in present),
        has_landing=any(access.landing_database == other.landing_database for other in present),
        delivered=inside or is_delivered(catalog, access, read),
        registered=_is_registered(catalog, access, read),
        in_organisation=inside,
        others=(*ruled.others(), *besides),
        filters_held=ruled.filters_held(),
        limited=_limited(access, read) if access.is_envelope else (),
        filter_made=access.cells_filter in ruled.seen,
        opted_in=access.table in opted_in,
    )


def at_hand(catalog: ConnectedCatalog, consumer: Account, readings: Readings) -> None:
    """The catalog, with its account, and the account that would use the data need not be read again."""
    owner = catalog.account
    readings.once(("catalog", owner.account_id, catalog.region, catalog.short_name), lambda: catalog)
    inside = owner.in_organisation and consumer.in_organisation
    readings.once(("inside", owner.account_id, consumer.account_id), lambda: inside)


def _catalog(access: Access, read: Readings) -> ConnectedCatalog:
    rows = ConnectedCatalog.objects.select_related("account")
    return read.once(
        ("catalog", access.owner, access.region, access.catalog_short_name),
        lambda: rows.get(
            account__account_id=access.owner, region=access.region, short_name=access.catalog_short_name
        ),
    )


def _held(catalog: ConnectedCatalog, access: Access) -> Held:
    """By the principal, or by everyone with IAM rights, in the database."""
    whose = [access.principal_arn, IAM_ALLOWED_PRINCIPALS]
    rows = Observed.objects.filter(catalog=catalog, principal_arn__in=whose, database=access.database)
    return held_in(catalog, rows)


def _is_inside(access: Access) -> bool:
    accounts = Account.objects.filter(account_id__in=[access.owner, access.consumer])
    return not accounts.filter(in_organisation=False).exists()


def present_beside(catalog: ConnectedCatalog, access: Access, read: Readings) -> list[Access]:
    """What intents have made true in the access's databases for this consumer account, and by LF-Tags wherever."""

    def read_here() -> list[Access]:
        here = Q(wanted__database__in=sorted(access.databases)) | Q(wanted__has_key="by_tags")
        return [intent.access for intent in _present(catalog, access).filter(here).defer("effects")]

    return read.once(("present", catalog.pk, access.consumer, access.databases), read_here)


def is_delivered(catalog: ConnectedCatalog, access: Access, read: Readings) -> bool:
    """Whether intents have made anything of the catalog true for this consumer account."""
    if present_beside(catalog, access, read):
        return True
    return read.once(("delivered", catalog.pk, access.consumer), _present(catalog, access).exists)


def _present(catalog: ConnectedCatalog, access: Access) -> QuerySet[Intent]:
    return Intent.objects.filter(
        scope_key=share_scope_key(catalog.pk, access.consumer),
        presence=Intent.Presence.PRESENT,
        ended_at__isnull=True,
    )


def _limited(access: Access, read: Readings) -> tuple[str, ...]:
    """Names of the account's principals whose own grants show them some rows of the table."""
    place = (access.owner, access.region, access.consumer, access.database)
    rules = read.once(("limited", *place), lambda: _ruled_in(access))
    return tuple(
        sorted(
            {
                arn.rsplit("/", 1)[-1]
                for table, arn in rules
                if table == access.table and arn != access.principal_arn
            }
        )
    )


def _ruled_in(access: Access) -> list[tuple[str, str]]:
    """Tables of the database that grants to the account show by some rows, with the principal of each."""
    ruled = in_force().filter(
        wanted__has_key="row_rule",
        wanted__owner=access.owner,
        wanted__region=access.region,
        wanted__consumer=access.consumer,
        wanted__database=access.database,
    )
    return list(ruled.values_list("wanted__table", "wanted__principal_arn"))


def landed(access: Access, present: Sequence[Access]) -> Held:
    """What they hold for this principal in the consumer's own catalog."""
    ours = [other for other in present if other.principal_arn == access.principal_arn]
    return {p: columns for other in ours for p, columns in other.permissions if p.place == access.landing}


def _is_registered(catalog: ConnectedCatalog, access: Access, read: Readings) -> bool:
    """By the last reading of the catalog's locations; unknown counts as not registered."""
    wanted = access.registration
    return wanted is None or any(covers(arn, wanted.arn) for arn in _locations(catalog, read))


def _locations(catalog: ConnectedCatalog, read: Readings) -> dict[str, bool]:
    """Registered S3 ARNs, with whether they are in hybrid access mode."""
    rows = catalog.registered_locations.values_list("arn", "is_hybrid")
    return read.once(("locations", catalog.pk), lambda: dict(rows))


def _opted_in(catalog: ConnectedCatalog, access: Access) -> frozenset[str]:
    """Names of the tables in the database for which the principal is opted in."""
    mine = catalog.opt_ins.filter(principal_arn=access.principal_arn, database=access.database)
    return frozenset(mine.values_list("table", flat=True))
