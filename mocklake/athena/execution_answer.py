"""An execution as GetQueryExecution and GetQueryRuntimeStatistics tell it."""

from typing import Any

from mocklake.athena.store import Execution
from mocklake.athena.workgroup_settings import engine_version

_ERROR_TYPES = (
    ("Query timeout", 1, 206, True),
    ("HIVE_", 2, 1001, False),
    ("INVALID_PARAMETER_USAGE", 2, 1006, False),
    ("Access denied when writing output", 2, 401, False),
)
"""Beginnings of reasons with category, type and whether to try again (Athena User Guide, error-reference)."""
_USER_ERROR = (2, 1000, False)


def described(execution: Execution) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "QueryExecutionId": execution.id,
        "Query": execution.sql,
        "StatementType": execution.kind.statement_type,
        "SubstatementType": execution.kind.value,
        "ResultConfiguration": _result_configuration(execution),
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": _context(execution),
        "Status": _status(execution),
        "Statistics": _statistics(execution),
        "WorkGroup": execution.workgroup,
        "EngineVersion": engine_version({}),
    }
    if execution.results.managed:
        answer["ManagedQueryResultsConfiguration"] = {"Enabled": True}
    if execution.parameters:
        answer["ExecutionParameters"] = list(execution.parameters)
    return answer


def _result_configuration(execution: Execution) -> dict[str, Any]:
    return {
        **execution.results.configuration,
        **({"OutputLocation": execution.output} if execution.output else {}),
    }


def _context(execution: Execution) -> dict[str, str]:
    given = {"Database": execution.database} if execution.database else {}
    return {"Catalog": execution.catalog, **given}


def _status(execution: Execution) -> dict[str, Any]:
    status: dict[str, Any] = {
        "State": execution.state,
        "SubmissionDateTime": execution.submitted,
        "CompletionDateTime": execution.completed,
    }
    if execution.reason:
        status["StateChangeReason"] = execution.reason
    if execution.state == "FAILED":
        status["AthenaError"] = _error(execution.reason)
    return status


def _error(reason: str) -> dict[str, Any]:
    known = (rest for words, *rest in _ERROR_TYPES if reason.startswith(words))
    category, kind, retryable = next(known, _USER_ERROR)
    return {"ErrorCategory": category, "ErrorType": kind, "Retryable": retryable, "ErrorMessage": reason}


def _statistics(execution: Execution) -> dict[str, Any]:
    answer = timeline(execution) | {
        "DataScannedInBytes": execution.outcome.scanned,
        "ResultReuseInformation": {"ReusedPreviousResult": False},
    }
    return answer | ({"DataManifestLocation": execution.manifest} if execution.manifest else {})


def timeline(execution: Execution) -> dict[str, Any]:
    engine = max(1, int(execution.engine_seconds * 1000))
    passed = int((execution.completed - execution.submitted).total_seconds() * 1000)
    return {
        "QueryQueueTimeInMillis": 0,
        "ServicePreProcessingTimeInMillis": 0,
        "QueryPlanningTimeInMillis": 0,
        "EngineExecutionTimeInMillis": engine,
        "ServiceProcessingTimeInMillis": 0,
        "TotalExecutionTimeInMillis": max(engine, passed),
    }
