"""What Athena holds: the newest executions, and workgroups by account and region."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mocklake import partitions
from mocklake.athena.failures import invalid
from mocklake.athena.names import CATALOG
from mocklake.athena.session import Outcome
from mocklake.athena.statement_kinds import Kind
from mocklake.athena.workgroup_settings import ResultSettings, primary
from mocklake.iam.callers import Caller, require
from mocklake.world import World

KEPT = 500
KEPT_ROWS = 50_000
PRIMARY = "primary"


Place = tuple[str, str, str]
"""Account, region and workgroup."""


@dataclass
class Execution:
    """One query, run to its end before StartQueryExecution answers."""

    id: str
    account: str
    region: str
    sql: str
    database: str
    submitted: datetime
    completed: datetime
    results: ResultSettings
    state: str = "SUCCEEDED"
    reason: str = ""
    outcome: Outcome = field(default_factory=Outcome)
    output: str = ""
    manifest: str = ""
    catalog: str = CATALOG
    workgroup: str = PRIMARY
    kind: Kind = Kind.SELECT
    token: str = ""
    parameters: tuple[str, ...] = ()
    engine_seconds: float = 0.0

    @property
    def place(self) -> Place:
        return self.account, self.region, self.workgroup


@dataclass
class WorkGroup:
    name: str
    made_at: datetime
    configuration: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    state: str = "ENABLED"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class NamedQuery:
    id: str
    place: Place
    name: str
    database: str
    sql: str
    description: str = ""
    token: str = ""


@dataclass
class PreparedStatement:
    name: str
    sql: str
    modified: datetime
    description: str = ""


@dataclass
class AthenaStore:
    executions: OrderedDict[str, Execution] = field(default_factory=OrderedDict)
    workgroups: dict[tuple[str, str], dict[str, WorkGroup]] = field(default_factory=dict)
    named_queries: dict[str, NamedQuery] = field(default_factory=dict)
    prepared: dict[Place, dict[str, PreparedStatement]] = field(default_factory=dict)


def new_store() -> AthenaStore:
    return AthenaStore()


def store_of(world: World) -> AthenaStore:
    store: AthenaStore = world.stores["athena"]
    return store


def keep(world: World, new: Execution) -> None:
    """The oldest go first: all that is kept is part of every snapshot."""
    executions = store_of(world).executions
    executions[new.id] = new
    rows = sum(len(one.outcome.result.rows) for one in executions.values())
    while len(executions) > KEPT or (rows > KEPT_ROWS and len(executions) > 1):
        _, oldest = executions.popitem(last=False)
        rows -= len(oldest.outcome.result.rows)


def workgroups_of(world: World, caller: Caller) -> dict[str, WorkGroup]:
    """By name; every account has `primary` in every region."""
    groups = store_of(world).workgroups.setdefault((caller.account, caller.region), {})
    if PRIMARY not in groups:
        settings = primary(managed=world.switches.managed_query_results)
        groups[PRIMARY] = WorkGroup(PRIMARY, world.now(), settings)
    return groups


def workgroup_of(world: World, caller: Caller, name: str) -> WorkGroup:
    """Raises AwsError InvalidRequestException."""
    found = workgroups_of(world, caller).get(name)
    if found is None:
        raise invalid("WorkGroup is not found.")
    return found


def execution_of(world: World, caller: Caller, wanted: str) -> Execution:
    """Of the caller's account and region. Raises AwsError InvalidRequestException."""
    found = store_of(world).executions.get(wanted)
    if found is None or (found.account, found.region) != (caller.account, caller.region):
        raise invalid(f"QueryExecution {wanted} was not found")
    return found


def require_in(caller: Caller, operation: str, workgroup: str) -> None:
    """Raises AwsError AccessDeniedException unless IAM allows the call in the workgroup."""
    arn = partitions.regional_arn("athena", caller.region, caller.account, f"workgroup/{workgroup}")
    require(caller, f"athena:{operation}", arn)
