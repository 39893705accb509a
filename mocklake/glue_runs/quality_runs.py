"""Runs of rulesets on a table: begun by one call, evaluated on the objects when mocklake's clock has come so far.

Source: botocore model; Glue Developer Guide, data-quality-authorization (the role reads the table). Assumed: a run whose
role may not read the table FAILED with the reason.
"""

import uuid
from typing import Any

from mocklake.athena import sources
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import TableName
from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue.store import find_table
from mocklake.glue_runs import dqdl, due, evaluation, roles, rulesets
from mocklake.glue_runs.due import Key
from mocklake.glue_runs.fitting_errors import fitted
from mocklake.glue_runs.quality_results import keep
from mocklake.glue_runs.quality_store import Quality, Run, moment, quality_of, trim
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

KIND = "quality"
MOST = 1000


def start_run(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a ruleset or table that is not there; a ClientToken again gives the same run."""
    quality, token = quality_of(world, caller.account, caller.region), params.get("ClientToken")
    for one in quality.runs.values() if token else ():
        if one.body.get("ClientToken") == token:
            if one.body != params:
                raise AwsError("ConflictException", "The ClientToken was used for another request.")
            return {"RunId": one.id}
    for name in params["RulesetNames"]:
        rulesets.find(world, caller, name)
    _check_table(world, caller, _place(params))
    role = roles.check(caller, params["Role"])
    run = Run(f"dqrun-{uuid.uuid4().hex}", copied(params), role, world.now())
    quality.runs[run.id] = run
    trim(quality.runs)
    due.begin(world, (KIND, caller.account, caller.region, run.id))
    return {"RunId": run.id}


def get_run(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """STARTING, then RUNNING, then SUCCEEDED with results, FAILED with the reason, or STOPPED."""
    run = _find(world, caller, params["RunId"])
    kept = (
        "DataSource",
        "NumberOfWorkers",
        "Timeout",
        "AdditionalRunOptions",
        "RulesetNames",
        "AdditionalDataSources",
    )
    answer = {name: run.body[name] for name in kept if name in run.body}
    answer |= {
        "RunId": run.id,
        "Role": run.role,
        "Status": _status(world, run),
        "StartedOn": run.started_at,
        "LastModifiedOn": run.ended_at or run.started_at,
    }
    if run.ended_at:
        seconds = int((run.ended_at - run.started_at).total_seconds())
        answer |= {"CompletedOn": run.ended_at, "ExecutionTime": seconds}
    results = {"ResultIds": run.results} if run.results else {}
    return answer | results | ({"ErrorString": run.error} if run.error else {})


def list_runs(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    runs = quality_of(world, caller.account, caller.region).runs
    by_age = {-number: run for number, run in enumerate(runs.values())}
    asked = params.get("Filter", {})

    def load(number: int) -> dict[str, Any] | None:
        run = by_age[number]
        if not _fits(run, asked):
            return None
        status = _status(world, run)
        return {
            "RunId": run.id,
            "Status": status,
            "StartedOn": run.started_at,
            "DataSource": run.body["DataSource"],
        }

    found, more = page(
        world, caller, params, sorted(by_age), load, listing="ListDataQualityRulesetEvaluationRuns", most=MOST
    )
    return {"Runs": found} | more


def cancel_run(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """STOPPING, and STOPPED without a result when it would have ended; InvalidInputException for one that has."""
    run = _find(world, caller, params["RunId"])
    if run.ended_at:
        raise AwsError("InvalidInputException", f"Run {run.id} has ended.")
    run.stopping = True
    return {}


def finish(world: World, key: Key) -> None:
    """The rules are those of the rulesets at this moment; one that is gone fails the run."""
    _, account, region, number = key
    quality = quality_of(world, account, region)
    run = quality.runs.get(number)
    if run is None:
        return
    run.ended_at = world.now()
    if run.stopping:
        run.state = "STOPPED"
        return
    try:
        _evaluate(world, quality, run, roles.caller_as(run.role, region))
        run.state = "SUCCEEDED"
    except (QueryFailedError, AwsError) as error:
        run.state, run.error = "FAILED", str(error)


def _evaluate(world: World, quality: Quality, run: Run, who: Caller) -> None:
    place = _place(run.body)
    name = TableName(place["DatabaseName"].lower(), place["TableName"].lower())
    source = sources.load(world, who, name, home=place.get("CatalogId", ""))
    for ruleset in run.body["RulesetNames"]:
        if ruleset not in quality.rulesets:
            raise AwsError("EntityNotFoundException", f"Cannot find data quality ruleset {ruleset}.")
        rules = dqdl.parse(quality.rulesets[ruleset].body["Ruleset"])
        judged = evaluation.evaluate(rules, source, world.now())
        about = {
            "RulesetName": ruleset,
            "RulesetEvaluationRunId": run.id,
            "DataSource": run.body["DataSource"],
        }
        times = {"StartedOn": run.started_at, "CompletedOn": world.now()}
        run.results.append(keep(quality, {**about, **times, "RuleResults": judged}))


def _find(world: World, caller: Caller, number: str) -> Run:
    found = quality_of(world, caller.account, caller.region).runs.get(number)
    if found is None:
        raise AwsError(
            "EntityNotFoundException", f"Cannot find data quality ruleset evaluation run {number}."
        )
    return found


def _status(world: World, run: Run) -> str:
    if run.ended_at:
        return run.state
    return "STOPPING" if run.stopping else due.state(world, run.started_at)


def _place(params: dict[str, Any]) -> dict[str, Any]:
    """The table of the data source, in either of the forms that the model has."""
    source = params["DataSource"]
    if "PreProcessingQuery" in source.get("DataQualityGlueTable", {}):
        raise AwsError("MocklakeNotImplemented", "PreProcessingQuery is not simulated.", status=501)
    found: dict[str, Any] | None = source.get("GlueTable") or source.get("DataQualityGlueTable")
    if not found:
        raise AwsError("InvalidInputException", "DataSource must name a table.")
    return found


def _check_table(world: World, caller: Caller, place: dict[str, Any]) -> None:
    catalog_id = place.get("CatalogId") or caller.account
    if find_table(world, catalog_id, caller.region, place["DatabaseName"], place["TableName"]) is None:
        raise AwsError("EntityNotFoundException", f"Table {place['TableName']} not found.")


def _fits(run: Run, asked: dict[str, Any]) -> bool:
    wanted = _place(asked) if asked else {}
    return (
        wanted.items() <= _place(run.body).items()
        and asked.get("RulesetName", run.body["RulesetNames"][0]) in run.body["RulesetNames"]
        and ("StartedAfter" not in asked or run.started_at > moment(asked["StartedAfter"]))
        and ("StartedBefore" not in asked or run.started_at < moment(asked["StartedBefore"]))
    )


HANDLERS = fitted(
    {
        "CancelDataQualityRulesetEvaluationRun": cancel_run,
        "GetDataQualityRulesetEvaluationRun": get_run,
        "ListDataQualityRulesetEvaluationRuns": list_runs,
        "StartDataQualityRulesetEvaluationRun": start_run,
    }
)
