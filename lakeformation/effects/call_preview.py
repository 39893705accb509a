"""The plan of one access, played through on what was last seen: which calls a yes sets off, in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lakeformation.access.access import Access
from lakeformation.effects.table_effects import Known
from lakeformation.effects.tag_effects import TagsKnown
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import Change
from lakeformation.planning.desired import Wish, desired
from lakeformation.planning.plan import plan
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import OptIn, Permission
from lakeformation.values.wording import cells_worded, columns_worded, rows_worded, worded

BEFORE_ANY_END = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class PlannedCall:
    """One AWS call to come: in which account, and what it does."""

    account: str
    operation: str
    what: tuple[str, ...]


def rehearse(access: Access, known: Known) -> tuple[PlannedCall, ...]:
    """The calls that the workers would make for this access alone, were AWS as it was last seen."""
    calls = _calls(access, _as_if_ready(access, known), is_invited=_is_invited(access, known))
    return (*_prerequisites(access, known), *calls)


def rehearse_tags(access: Access, known: TagsKnown) -> tuple[PlannedCall, ...]:
    """The same for an access by LF-Tags, or to a whole database."""
    ready = Observation(
        held=known.held,
        links=known.links,
        locations=frozenset(location.arn for location in access.registrations),
        accepted=frozenset({_share_to_come(access)}),
        tables={(access.database, access.table): access.table_created},
        principals={access.principal_arn: access.principal_id},
    )
    registered = (
        PlannedCall(access.owner, "RegisterResource", (f"s3://{arn.removeprefix('arn:aws:s3:::')}",))
        for arn in known.unregistered(access)
    )
    return (*registered, *_calls(access, ready, is_invited=_is_invited(access, known)))


def _is_invited(access: Access, known: Known | TagsKnown) -> bool:
    return access.is_shared and not known.in_organisation and not known.delivered


def _calls(access: Access, seen: Observation, *, is_invited: bool) -> list[PlannedCall]:
    wish = Wish(0, access, access.permissions)
    steps = plan(desired([wish], seen, now=BEFORE_ANY_END), seen, [wish]).steps
    calls = [PlannedCall(s.place.account, s.operation, tuple(_words(c) for c in s.changes)) for s in steps]
    if is_invited:
        text = f"the invitation of account {access.owner}"
        calls.insert(1, PlannedCall(access.consumer, "AcceptResourceShareInvitation", (text,)))
    return calls


def _share_to_come(access: Access) -> str:
    return f"arn:aws:ram:{access.region}:{access.owner}:resource-share/to-come"


def _as_if_ready(access: Access, known: Known) -> Observation:
    """The reading after which nothing waits: registered, its filter made, its share delivered."""
    location, link, landing = access.registration, access.link, access.landing_database
    return Observation(
        held=known.held,
        links=frozenset({link} if link and known.linked else ()),
        landing_databases=frozenset({landing} if landing and known.has_landing else ()),
        locations=frozenset({location.arn} if location else ()),
        accepted=frozenset({_share_to_come(access)}),
        tables={(access.database, access.table): access.table_created},
        principals={access.principal_arn: access.principal_id},
        filters={access.cells_filter.key: access.cells_filter} if access.cells_filter else {},
        opt_ins=frozenset({access.opt_in} if access.opt_in and known.opted_in else ()),
    )


def _prerequisites(access: Access, known: Known) -> Iterator[PlannedCall]:
    if not known.registered and access.registration:
        yield PlannedCall(access.owner, "RegisterResource", (access.location,))
    if access.cells_filter and not known.filter_made:
        yield PlannedCall(access.owner, "CreateDataCellsFilter", (_filter_words(access.cells_filter),))


def _words(change: Change) -> str:
    if isinstance(change.atom, OptIn):
        return f"{change.atom.principal.rsplit('/', 1)[-1]} on {change.resource.replace('/', '.')}"
    if not isinstance(change.atom, Permission):
        return change.resource
    name = change.atom.cells_filter
    return worded(
        change.atom.verb, change.resource, cells_worded(name) if name else columns_worded(change.columns)
    )


def _filter_words(one: CellsFilter) -> str:
    where = f"{one.database}.{one.table}"
    return f"{one.name} on {where}: {columns_worded(one.columns)} in {rows_worded(one.rows)}"
