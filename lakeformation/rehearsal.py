"""The plan of one access, played through on what was last seen: which calls a yes sets off, in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lakeformation.atoms import CellsFilter, OptIn, Permission
from lakeformation.desired import Wish, desired
from lakeformation.effects import Known
from lakeformation.observation import Observation
from lakeformation.planning import Change, plan
from lakeformation.wanted import Access
from lakeformation.wording import cells_worded, columns_worded, rows_worded, worded

BEFORE_ANY_END = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class PlannedCall:
    """One AWS call to come: in which account, and what it does."""

    account: str
    operation: str
    what: tuple[str, ...]


def rehearse(access: Access, known: Known) -> tuple[PlannedCall, ...]:
    """The calls that the workers would make for this access alone, were AWS as it was last seen."""
    wish, seen = Wish(0, access, tuple(access.permissions())), _as_if_ready(access, known)
    steps = plan(desired([wish], seen, now=BEFORE_ANY_END), seen, [wish]).steps
    calls = [PlannedCall(s.place.account, s.operation, tuple(_words(c) for c in s.changes)) for s in steps]
    invited = access.is_shared and not known.in_organisation and not known.delivered
    if invited:
        text = f"the invitation of account {access.owner}"
        calls.insert(1, PlannedCall(access.consumer, "AcceptResourceShareInvitation", (text,)))
    return (*_prerequisites(access, known), *calls)


def _as_if_ready(access: Access, known: Known) -> Observation:
    """The reading after which nothing waits: registered, its filter made, its share delivered."""
    location, link = access.registration, access.link
    share = f"arn:aws:ram:{access.region}:{access.owner}:resource-share/to-come"
    return Observation(
        held=known.held,
        links=frozenset({link} if link and known.linked else ()),
        locations=frozenset({location.arn} if location else ()),
        accepted=frozenset({share}),
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
