"""What Athena holds: the newest executions, and workgroups by account and region."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mocklake.athena.names import CATALOG
from mocklake.athena.results import Result
from mocklake.errors import AwsError
from mocklake.iam.caller_policies import require
from mocklake.iam.callers import Caller
from mocklake.world import World

KEPT = 500
KEPT_ROWS = 50_000
PRIMARY = "primary"


@dataclass
class Execution:
    """One query, run to its end before StartQueryExecution answers. `kind` is DML or UTILITY."""

    id: str
    account: str
    region: str
    sql: str
    database: str
    submitted: datetime
    completed: datetime
    reason: str = ""
    result: Result | None = None
    output: str = ""
    catalog: str = CATALOG
    workgroup: str = PRIMARY
    kind: str = "DML"
    token: str = ""
    substatement: str = "SELECT"
    update_count: int = 0
    scanned: int = 0


@dataclass
class WorkGroup:
    """`configuration` as it was given; `output` is where its queries write to, if it says so."""

    name: str
    made_at: datetime
    configuration: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    state: str = "ENABLED"
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def output(self) -> str:
        return str(self.configuration.get("ResultConfiguration", {}).get("OutputLocation", ""))


@dataclass
class AthenaStore:
    executions: OrderedDict[str, Execution] = field(default_factory=OrderedDict)
    workgroups: dict[tuple[str, str], dict[str, WorkGroup]] = field(default_factory=dict)


def new_store() -> AthenaStore:
    return AthenaStore()


def store_of(world: World) -> AthenaStore:
    store: AthenaStore = world.stores["athena"]
    return store


def keep(world: World, new: Execution) -> None:
    """The oldest go first: all that is kept is part of every snapshot."""
    executions = store_of(world).executions
    executions[new.id] = new
    rows = sum(len(one.result.rows) for one in executions.values() if one.result)
    while len(executions) > KEPT or (rows > KEPT_ROWS and len(executions) > 1):
        _, oldest = executions.popitem(last=False)
        rows -= len(oldest.result.rows) if oldest.result else 0


def workgroups_of(world: World, caller: Caller) -> dict[str, WorkGroup]:
    """By name; every account has `primary` in every region."""
    groups = store_of(world).workgroups.setdefault((caller.account, caller.region), {})
    if PRIMARY not in groups:
        groups[PRIMARY] = WorkGroup(PRIMARY, world.now())
    return groups


def workgroup_of(world: World, caller: Caller, name: str) -> WorkGroup:
    """Raises AwsError InvalidRequestException."""
    found = workgroups_of(world, caller).get(name)
    if found is None:
        raise invalid(f"WorkGroup {name} is not found.")
    return found


def execution_of(world: World, caller: Caller, wanted: str) -> Execution:
    """Of the caller's account and region. Raises AwsError InvalidRequestException."""
    found = store_of(world).executions.get(wanted)
    if found is None or (found.account, found.region) != (caller.account, caller.region):
        raise invalid(f"QueryExecution {wanted} was not found")
    return found


def require_in(caller: Caller, operation: str, workgroup: str) -> None:
    """Raises AwsError AccessDeniedException unless IAM allows the call in the workgroup."""
    arn = f"arn:aws:athena:{caller.region}:{caller.account}:workgroup/{workgroup}"
    require(caller, f"athena:{operation}", arn)


def invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)
