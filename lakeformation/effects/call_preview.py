"""Preview of the AWS calls that an approval causes, planned on the last reading."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lakeformation.access.access import Access
from lakeformation.access.base import ManyTablesAccess
from lakeformation.access.table_access import TableAccess
from lakeformation.effects.table_effects import TableState
from lakeformation.effects.tag_effects import TagState
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import PlannedChange
from lakeformation.planning.desired import IntentSpec, build_desired_state
from lakeformation.planning.plan import build_plan
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import OptIn, Permission
from lakeformation.values.wording import (
    describe_cells_filter,
    describe_columns,
    describe_permission,
    describe_rows,
)

EARLIEST_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class PlannedCall:
    """One AWS call to come: in which account, and what it does."""

    account: str
    operation: str
    changes: tuple[str, ...]


def preview_calls(access: TableAccess, state: TableState) -> tuple[PlannedCall, ...]:
    """The calls that the workers would make for this access alone, were AWS as it was last seen."""
    location, link, landing = access.registration, access.link, access.link_database
    ready_observation = Observation(
        held=state.held,
        links=frozenset({link} if link and state.has_link else ()),
        link_databases=frozenset({landing} if landing and state.has_link_database else ()),
        locations=frozenset({location.arn} if location else ()),
        received_resources=_list_future_resources(access),
        tables=dict(access.identities),
        principals={access.principal_arn: access.parties.principal_id},
        filters={access.cells_filter.key: access.cells_filter} if access.cells_filter else {},
        opt_ins=frozenset({access.opt_in} if access.opt_in and state.is_opted_in else ()),
    )
    calls = _plan_calls(access, ready_observation, needs_invitation=_needs_invitation(access, state))
    return (*_plan_prerequisites(access, state), *calls)


def preview_tag_calls(access: ManyTablesAccess, state: TagState) -> tuple[PlannedCall, ...]:
    """Like `preview_calls`, for access by LF-Tags or to a whole database."""
    ready = Observation(
        held=state.held,
        links=state.links,
        locations=frozenset(location.arn for location in access.registrations),
        received_resources=_list_future_resources(access),
        tables=dict(access.identities),
        principals={access.principal_arn: access.parties.principal_id},
    )
    registered = (
        PlannedCall(access.owner, "RegisterResource", (f"s3://{arn.removeprefix('arn:aws:s3:::')}",))
        for arn in state.list_unregistered(access)
    )
    return (*registered, *_plan_calls(access, ready, needs_invitation=_needs_invitation(access, state)))


def _needs_invitation(access: Access, state: TableState | TagState) -> bool:
    return access.is_cross_account and not state.in_organisation and not state.is_share_delivered


def _plan_calls(access: Access, observation: Observation, *, needs_invitation: bool) -> list[PlannedCall]:
    spec = IntentSpec(0, access, access.permissions)
    steps = build_plan(build_desired_state([spec], observation, now=EARLIEST_TIME), observation, [spec]).steps
    calls = [
        PlannedCall(s.catalog.account, s.operation, tuple(_describe_change(c) for c in s.changes))
        for s in steps
    ]
    if needs_invitation:
        text = f"the invitation of account {access.owner}"
        calls.insert(1, PlannedCall(access.consumer, "AcceptResourceShareInvitation", (text,)))
    return calls


def _list_future_resources(access: Access) -> frozenset[str]:
    return frozenset(resource.arns[0] for resource in access.shared_resources)


def _plan_prerequisites(access: TableAccess, state: TableState) -> Iterator[PlannedCall]:
    if not state.is_registered and access.registration:
        yield PlannedCall(access.owner, "RegisterResource", (access.location,))
    if access.cells_filter and not state.has_filter:
        yield PlannedCall(access.owner, "CreateDataCellsFilter", (_describe_filter(access.cells_filter),))


def _describe_change(change: PlannedChange) -> str:
    if isinstance(change.atom, OptIn):
        return f"{change.atom.principal.rsplit('/', 1)[-1]} on {change.resource.replace('/', '.')}"
    if not isinstance(change.atom, Permission):
        return change.resource
    name = change.atom.cells_filter
    return describe_permission(
        change.atom.verb,
        change.resource,
        describe_cells_filter(name) if name else describe_columns(change.columns),
    )


def _describe_filter(one: CellsFilter) -> str:
    where = f"{one.database}.{one.table}"
    return f"{one.name} on {where}: {describe_columns(one.columns)} in {describe_rows(one.rows)}"
