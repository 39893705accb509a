"""Data quality rulesets: kept as text, refused when the text is no DQDL.

Source: botocore model. Deleting one leaves the results of its runs.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue_runs import evaluation
from mocklake.glue_runs.running import fit_errors
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

MOST = 1000
NAME = "glue.quality"
KEPT = 500


def create_ruleset(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException for what does not parse; the same ClientToken again changes nothing."""
    rulesets, name = get_quality(world, caller.account, caller.region).rulesets, params["Name"]
    evaluation.parse_ruleset(params["Ruleset"])
    old, token = rulesets.get(name), params.get("ClientToken")
    if old is not None and (token is None or old.body != params):
        raise AwsError("AlreadyExistsException", f"Ruleset {name} already exists.")
    if old is None:
        rulesets[name] = Ruleset(name, copied(params), world.now(), world.now())
    return {"Name": name}


def update_ruleset(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What is not named stays."""
    found = find(world, caller, params["Name"])
    if "Ruleset" in params:
        evaluation.parse_ruleset(params["Ruleset"])
    found.body, found.updated_at = {**found.body, **copied(params)}, world.now()
    return {name: found.body[name] for name in ("Name", "Description", "Ruleset") if name in found.body}


def get_ruleset(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a name that the account has not in the region."""
    found = find(world, caller, params["Name"])
    kept = ("Description", "Ruleset", "TargetTable", "DataQualitySecurityConfiguration")
    return _dated(found) | {name: found.body[name] for name in kept if name in found.body}


def delete_ruleset(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a name that the account has not in the region."""
    del get_quality(world, caller.account, caller.region).rulesets[find(world, caller, params["Name"]).name]
    return {}


def list_rulesets(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """By name; the filter's name and description are parts of them (assumed)."""
    rulesets, asked = get_quality(world, caller.account, caller.region).rulesets, params.get("Filter", {})
    tags = params.get("Tags", {}).items()

    def load(name: str) -> dict[str, Any] | None:
        one = rulesets[name]
        fits = _fits(one, asked) and tags <= one.body.get("Tags", {}).items()
        return _listed(one) if fits else None

    found, more = page(
        world, caller, params, sorted(rulesets), load, listing="ListDataQualityRulesets", most=MOST
    )
    return {"Rulesets": found} | more


@dataclass
class Ruleset:
    """`body` is the input as given."""

    name: str
    body: dict[str, Any]
    created_at: datetime
    updated_at: datetime


def find(world: World, caller: Caller, name: str) -> Ruleset:
    found = get_quality(world, caller.account, caller.region).rulesets.get(name)
    if found is None:
        raise AwsError("EntityNotFoundException", f"Cannot find data quality ruleset {name}.")
    return found


def _dated(one: Ruleset) -> dict[str, Any]:
    return {"Name": one.name, "CreatedOn": one.created_at, "LastModifiedOn": one.updated_at}


def _listed(one: Ruleset) -> dict[str, Any]:
    kept = {name: one.body[name] for name in ("Description", "TargetTable") if name in one.body}
    return _dated(one) | kept | {"RuleCount": len(evaluation.parse_ruleset(one.body["Ruleset"]))}


def _fits(one: Ruleset, asked: dict[str, Any]) -> bool:
    target, wanted = one.body.get("TargetTable", {}), asked.get("TargetTable", {})
    return (
        asked.get("Name", "") in one.name
        and asked.get("Description", "") in one.body.get("Description", "")
        and wanted.items() <= target.items()
        and ("CreatedAfter" not in asked or one.created_at > read_moment(asked["CreatedAfter"]))
        and ("CreatedBefore" not in asked or one.created_at < read_moment(asked["CreatedBefore"]))
        and ("LastModifiedAfter" not in asked or one.updated_at > read_moment(asked["LastModifiedAfter"]))
        and ("LastModifiedBefore" not in asked or one.updated_at < read_moment(asked["LastModifiedBefore"]))
    )


@dataclass
class Run:
    """`body` is the request of the start; `state` is told once the run has ended."""

    id: str
    body: dict[str, Any]
    role: str
    started_at: datetime
    state: str = ""
    stopping: bool = False
    error: str = ""
    ended_at: datetime | None = None
    results: list[str] = field(default_factory=list)


@dataclass
class Quality:
    rulesets: dict[str, Ruleset] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Answers of GetDataQualityResult by id, the oldest first."""


@dataclass
class QualityStore:
    by_place: dict[tuple[str, str], Quality] = field(default_factory=dict)


def get_quality(world: World, account: str, region: str) -> Quality:
    store: QualityStore = world.stores.setdefault(NAME, QualityStore())
    return store.by_place.setdefault((account, region), Quality())


def read_moment(value: Any) -> datetime:
    """A time of a request, which comes as seconds since 1970 on the wire."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value, UTC)


HANDLERS = fit_errors(
    {
        "CreateDataQualityRuleset": create_ruleset,
        "DeleteDataQualityRuleset": delete_ruleset,
        "GetDataQualityRuleset": get_ruleset,
        "ListDataQualityRulesets": list_rulesets,
        "UpdateDataQualityRuleset": update_ruleset,
    }
)


def trim(kept: dict[str, Any]) -> None:
    """All that is kept is part of every snapshot."""
    for oldest in list(kept)[: max(0, len(kept) - KEPT)]:
        del kept[oldest]
