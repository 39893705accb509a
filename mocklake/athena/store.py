"""What Athena holds: the newest executions, and workgroups with their settings by account and region."""

from collections import OrderedDict
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mocklake import partitions
from mocklake.athena.failures import invalid
from mocklake.athena.parsing import Kind
from mocklake.athena.session import Outcome
from mocklake.athena.sql_text import CATALOG
from mocklake.iam.callers import Caller, require
from mocklake.world import World

KEPT = 500
KEPT_ROWS = 50_000
PRIMARY = "primary"
Place = tuple[str, str, str]
"""Account, region and workgroup."""
ENGINE = "Athena engine version 3"
AUTOMATIC = "AUTO"
VERSIONS = (
    {"SelectedEngineVersion": AUTOMATIC, "EffectiveEngineVersion": ENGINE},
    {"SelectedEngineVersion": ENGINE, "EffectiveEngineVersion": ENGINE},
)
NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result configuration "
    "setting or as an API input."
)
_RESULTS, _MANAGED = "ResultConfiguration", "ManagedQueryResultsConfiguration"


@dataclass(frozen=True)
class ResultSettings:
    """Where a query's results go: into S3, or kept by Athena where there is no location."""

    configuration: Mapping[str, Any]
    managed: bool = False

    @property
    def location(self) -> str:
        return "" if self.managed else str(self.configuration.get("OutputLocation", ""))


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
    rows = sum(len(execution.outcome.result.rows) for execution in executions.values())
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
    """Returns an execution of the caller's account and region. Raises AwsError InvalidRequestException."""
    found = store_of(world).executions.get(wanted)
    if found is None or (found.account, found.region) != (caller.account, caller.region):
        raise invalid(f"QueryExecution {wanted} was not found")
    return found


def require_in(caller: Caller, operation: str, workgroup: str) -> None:
    """Raises AwsError AccessDeniedException unless IAM allows the call in the workgroup."""
    arn = partitions.regional_arn("athena", caller.region, caller.account, f"workgroup/{workgroup}")
    require(caller, f"athena:{operation}", arn)


def initial(given: Mapping[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {
        _RESULTS: {},
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "EnableMinimumEncryptionConfiguration": False,
    }
    settings = usual | deepcopy(dict(given))
    _check(settings)
    return settings | {"EngineVersion": engine_version(settings)}


def primary(*, managed: bool) -> dict[str, Any]:
    """Describes the workgroup that every account has: nothing is enforced."""
    settings = initial({"EnforceWorkGroupConfiguration": False})
    return settings | ({_MANAGED: {"Enabled": True}} if managed else {})


def changed(settings: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """Nested updates merge; `Remove…` takes a member away."""
    wanted = deepcopy(dict(updates))
    nested = {one: wanted.pop(f"{one}Updates", None) for one in (_RESULTS, _MANAGED)}
    found = _merged(deepcopy(dict(settings)), wanted)
    for name, changes in nested.items():
        if changes is not None:
            found[name] = _merged(found.get(name, {}), changes)
    _check(found)
    return found | {"EngineVersion": engine_version(found)}


def _merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    removed = {
        name.removeprefix("Remove") for name, value in changes.items() if name.startswith("Remove") and value
    }
    given = {name: value for name, value in changes.items() if not name.startswith("Remove")}
    return {name: value for name, value in settings.items() if name not in removed} | given


def _check(settings: Mapping[str, Any]) -> None:
    location = settings.get(_RESULTS, {}).get("OutputLocation", "")
    if location and not location.startswith("s3://"):
        raise invalid("outputLocation is not a valid S3 path.")
    encryption = settings.get(_RESULTS, {}).get("EncryptionConfiguration", {})
    if encryption.get("EncryptionOption", "SSE_S3") != "SSE_S3" and not encryption.get("KmsKey"):
        raise invalid("KMS key is required for the encryption option that is specified.")
    selected = settings.get("EngineVersion", {}).get("SelectedEngineVersion", AUTOMATIC)
    if selected not in {one["SelectedEngineVersion"] for one in VERSIONS}:
        raise invalid(f"Engine version {selected} is not supported.")


def engine_version(settings: Mapping[str, Any]) -> dict[str, str]:
    selected = settings.get("EngineVersion", {}).get("SelectedEngineVersion", AUTOMATIC)
    return {"SelectedEngineVersion": selected, "EffectiveEngineVersion": ENGINE}


def result_settings(settings: Mapping[str, Any], asked: Mapping[str, Any]) -> ResultSettings:
    """The workgroup's where it enforces its own, else the request's. Raises AwsError InvalidRequestException."""
    own, given = settings.get(_RESULTS, {}), asked.get(_RESULTS) or {}
    enforced = settings.get("EnforceWorkGroupConfiguration", False)
    used = own if enforced else {**own, **given}
    is_managed = bool(settings.get(_MANAGED, {}).get("Enabled"))
    if is_managed and (enforced or not given.get("OutputLocation")):
        return ResultSettings({}, managed=True)
    if not used.get("OutputLocation"):
        raise invalid(NO_OUTPUT)
    return ResultSettings(deepcopy(dict(used)))
