"""Runs of rulesets on a table, and their results: evaluated when mocklake's clock has come so far, or put by hand.

Source: botocore model; Glue Developer Guide, data-quality-authorization (the role reads the table). Assumed: a run whose
role may not read the table FAILED with the reason.

Source: botocore model. Results outlive their rulesets; IAM alone decides who reads them (assumed).
"""

import uuid
from datetime import datetime
from typing import Any

from mocklake.athena import sources
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.sql_text import TableName
from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue.store import find_table
from mocklake.glue_runs import evaluation, rulesets, running
from mocklake.glue_runs.evaluation import compute_score
from mocklake.glue_runs.rulesets import Quality, Run, get_quality, read_moment, trim
from mocklake.glue_runs.running import Key, fit_errors
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

KIND = "quality"
MOST = 1000


def start_run(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a ruleset or table that is not there; a ClientToken again gives the same run."""
    quality, token = get_quality(world, caller.account, caller.region), params.get("ClientToken")
    for one in quality.runs.values() if token else ():
        if one.body.get("ClientToken") == token:
            if one.body != params:
                raise AwsError("ConflictException", "The ClientToken was used for another request.")
            return {"RunId": one.id}
    for name in params["RulesetNames"]:
        rulesets.find(world, caller, name)
    _check_table(world, caller, _get_place(params))
    role = running.check_role(caller, params["Role"])
    run = Run(f"dqrun-{uuid.uuid4().hex}", copied(params), role, world.now())
    quality.runs[run.id] = run
    trim(quality.runs)
    running.begin_run(world, (KIND, caller.account, caller.region, run.id))
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
        "Status": _get_status(world, run),
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
    runs = get_quality(world, caller.account, caller.region).runs
    by_age = {-number: run for number, run in enumerate(runs.values())}
    asked = params.get("Filter", {})

    def load(number: int) -> dict[str, Any] | None:
        run = by_age[number]
        if not _fits_run(run, asked):
            return None
        status = _get_status(world, run)
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
    quality = get_quality(world, account, region)
    run = quality.runs.get(number)
    if run is None:
        return
    run.ended_at = world.now()
    if run.stopping:
        run.state = "STOPPED"
        return
    try:
        _evaluate(world, quality, run, running.build_role_caller(run.role, region))
        run.state = "SUCCEEDED"
    except (QueryFailedError, AwsError) as error:
        run.state, run.error = "FAILED", str(error)


def _evaluate(world: World, quality: Quality, run: Run, who: Caller) -> None:
    place = _get_place(run.body)
    name = TableName(place["DatabaseName"].lower(), place["TableName"].lower())
    source = sources.load_source(world, who, name, home=place.get("CatalogId", ""))
    for ruleset in run.body["RulesetNames"]:
        if ruleset not in quality.rulesets:
            raise AwsError("EntityNotFoundException", f"Cannot find data quality ruleset {ruleset}.")
        rules = evaluation.parse_ruleset(quality.rulesets[ruleset].body["Ruleset"])
        judged = evaluation.evaluate(rules, source, world.now())
        about = {
            "RulesetName": ruleset,
            "RulesetEvaluationRunId": run.id,
            "DataSource": run.body["DataSource"],
        }
        times = {"StartedOn": run.started_at, "CompletedOn": world.now()}
        run.results.append(keep_result(quality, {**about, **times, "RuleResults": judged}))


def _find(world: World, caller: Caller, number: str) -> Run:
    found = get_quality(world, caller.account, caller.region).runs.get(number)
    if found is None:
        raise AwsError(
            "EntityNotFoundException", f"Cannot find data quality ruleset evaluation run {number}."
        )
    return found


def _get_status(world: World, run: Run) -> str:
    if run.ended_at:
        return run.state
    return "STOPPING" if run.stopping else running.get_run_state(world, run.started_at)


def _get_place(params: dict[str, Any]) -> dict[str, Any]:
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


def _fits_run(run: Run, asked: dict[str, Any]) -> bool:
    wanted = _get_place(asked) if asked else {}
    return (
        wanted.items() <= _get_place(run.body).items()
        and asked.get("RulesetName", run.body["RulesetNames"][0]) in run.body["RulesetNames"]
        and ("StartedAfter" not in asked or run.started_at > read_moment(asked["StartedAfter"]))
        and ("StartedBefore" not in asked or run.started_at < read_moment(asked["StartedBefore"]))
    )


def get_result(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for an id that the account has not in the region."""
    found = get_quality(world, caller.account, caller.region).results.get(params["ResultId"])
    if found is None:
        raise AwsError("EntityNotFoundException", f"Cannot find data quality result {params['ResultId']}.")
    return found


def batch_get_result(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Ids that are not known are told apart."""
    results = get_quality(world, caller.account, caller.region).results
    known = [results[one] for one in params["ResultIds"] if one in results]
    missing = [one for one in params["ResultIds"] if one not in results]
    return {"Results": known} | ({"ResultsNotFound": missing} if missing else {})


def list_results(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    results = get_quality(world, caller.account, caller.region).results
    by_age = {-number: one for number, one in enumerate(results.values())}
    asked = params.get("Filter", {})

    def load(number: int) -> dict[str, Any] | None:
        one = by_age[number]
        kept = ("ResultId", "EvaluationRunMode", "DataSource", "JobName", "JobRunId", "StartedOn")
        return {name: one[name] for name in kept if name in one} if _fits_result(one, asked) else None

    found, more = page(
        world, caller, params, sorted(by_age), load, listing="ListDataQualityResults", most=MOST
    )
    return {"Results": found} | more


def keep_result(quality: Quality, body: dict[str, Any]) -> str:
    """The id of a result, its score and sums counted from the rules' outcomes."""
    number, rules = f"dqresult-{uuid.uuid4().hex}", body["RuleResults"]
    passed = float(sum(rule["Result"] == "PASS" for rule in rules))
    sums = {
        "TotalRulesProcessed": float(len(rules)),
        "TotalRulesPassed": passed,
        "TotalRulesFailed": len(rules) - passed,
    }
    own = {"ResultId": number, "Score": compute_score(rules), "AggregatedMetrics": sums}
    quality.results[number] = {"EvaluationRunMode": "ON_DEMAND", **copied(body), **own}
    trim(quality.results)
    return number


def put_result(
    world: World,
    account: str,
    region: str,
    table: dict[str, str],
    rules: list[dict[str, Any]],
    *,
    ruleset: str = "",
    completed_at: datetime | None = None,
) -> str:
    """A result that nobody measured, for a seed or a demonstration; `rules` are DataQualityRuleResults. Results that end
    earlier than others are put first: they are listed by the order in which they came.

    Raises ValueError for rules without an outcome.
    """
    if not rules or any(rule.get("Result") not in ("PASS", "FAIL", "ERROR") for rule in rules):
        raise ValueError("RuleResults is a list of outcomes, each with a Result of PASS, FAIL or ERROR")
    at = completed_at or world.now()
    times = {"StartedOn": at, "CompletedOn": at} | ({"RulesetName": ruleset} if ruleset else {})
    named = [{"Name": f"Rule_{number}", **one} for number, one in enumerate(rules, 1)]
    source = {"DataSource": {"GlueTable": table}}
    return keep_result(get_quality(world, account, region), {**source, **times, "RuleResults": named})


def _fits_result(one: dict[str, Any], asked: dict[str, Any]) -> bool:
    source = asked.get("DataSource", {})
    wanted, own = _describe_table(source), _describe_table(one.get("DataSource", {}))
    return (
        wanted.items() <= own.items()
        and asked.get("JobName") in (None, one.get("JobName"))
        and asked.get("JobRunId") in (None, one.get("JobRunId"))
        and asked.get("EvaluationRunMode") in (None, one["EvaluationRunMode"])
        and ("StartedAfter" not in asked or one["StartedOn"] > read_moment(asked["StartedAfter"]))
        and ("StartedBefore" not in asked or one["StartedOn"] < read_moment(asked["StartedBefore"]))
    )


def _describe_table(source: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = source.get("GlueTable") or source.get("DataQualityGlueTable") or {}
    return found


HANDLERS = fit_errors(
    {
        "CancelDataQualityRulesetEvaluationRun": cancel_run,
        "GetDataQualityRulesetEvaluationRun": get_run,
        "ListDataQualityRulesetEvaluationRuns": list_runs,
        "StartDataQualityRulesetEvaluationRun": start_run,
        "BatchGetDataQualityResult": batch_get_result,
        "GetDataQualityResult": get_result,
        "ListDataQualityResults": list_results,
    }
)
