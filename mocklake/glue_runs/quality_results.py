"""Results of data quality runs: read by id and listed, the newest first; they may also be put by hand.

Source: botocore model. Results outlive their rulesets; IAM alone decides who reads them (assumed).
"""

import uuid
from datetime import datetime
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue_runs.evaluation import score
from mocklake.glue_runs.fitting_errors import fitted
from mocklake.glue_runs.quality_store import Quality, moment, quality_of, trim
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

MOST = 1000


def get_result(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for an id that the account has not in the region."""
    found = quality_of(world, caller.account, caller.region).results.get(params["ResultId"])
    if found is None:
        raise AwsError("EntityNotFoundException", f"Cannot find data quality result {params['ResultId']}.")
    return found


def batch_get_result(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Ids that are not known are told apart."""
    results = quality_of(world, caller.account, caller.region).results
    known = [results[one] for one in params["ResultIds"] if one in results]
    missing = [one for one in params["ResultIds"] if one not in results]
    return {"Results": known} | ({"ResultsNotFound": missing} if missing else {})


def list_results(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    results = quality_of(world, caller.account, caller.region).results
    by_age = {-number: one for number, one in enumerate(results.values())}
    asked = params.get("Filter", {})

    def load(number: int) -> dict[str, Any] | None:
        one = by_age[number]
        kept = ("ResultId", "EvaluationRunMode", "DataSource", "JobName", "JobRunId", "StartedOn")
        return {name: one[name] for name in kept if name in one} if _fits(one, asked) else None

    found, more = page(
        world, caller, params, sorted(by_age), load, listing="ListDataQualityResults", most=MOST
    )
    return {"Results": found} | more


def keep(quality: Quality, body: dict[str, Any]) -> str:
    """The id of a result, its score and sums counted from the rules' outcomes."""
    number, rules = f"dqresult-{uuid.uuid4().hex}", body["RuleResults"]
    passed = float(sum(one["Result"] == "PASS" for one in rules))
    sums = {
        "TotalRulesProcessed": float(len(rules)),
        "TotalRulesPassed": passed,
        "TotalRulesFailed": len(rules) - passed,
    }
    own = {"ResultId": number, "Score": score(rules), "AggregatedMetrics": sums}
    quality.results[number] = {"EvaluationRunMode": "ON_DEMAND", **copied(body), **own}
    trim(quality.results)
    return number


def put(
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
    if not rules or any(one.get("Result") not in ("PASS", "FAIL", "ERROR") for one in rules):
        raise ValueError("RuleResults is a list of outcomes, each with a Result of PASS, FAIL or ERROR")
    at = completed_at or world.now()
    times = {"StartedOn": at, "CompletedOn": at} | ({"RulesetName": ruleset} if ruleset else {})
    named = [{"Name": f"Rule_{number}", **one} for number, one in enumerate(rules, 1)]
    source = {"DataSource": {"GlueTable": table}}
    return keep(quality_of(world, account, region), {**source, **times, "RuleResults": named})


def _fits(one: dict[str, Any], asked: dict[str, Any]) -> bool:
    source = asked.get("DataSource", {})
    wanted, own = _table(source), _table(one.get("DataSource", {}))
    return (
        wanted.items() <= own.items()
        and asked.get("JobName") in (None, one.get("JobName"))
        and asked.get("JobRunId") in (None, one.get("JobRunId"))
        and asked.get("EvaluationRunMode") in (None, one["EvaluationRunMode"])
        and ("StartedAfter" not in asked or one["StartedOn"] > moment(asked["StartedAfter"]))
        and ("StartedBefore" not in asked or one["StartedOn"] < moment(asked["StartedBefore"]))
    )


def _table(source: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = source.get("GlueTable") or source.get("DataQualityGlueTable") or {}
    return found


HANDLERS = fitted(
    {
        "BatchGetDataQualityResult": batch_get_result,
        "GetDataQualityResult": get_result,
        "ListDataQualityResults": list_results,
    }
)
