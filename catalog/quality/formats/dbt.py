"""`run_results.json` of dbt, alone or with its manifest: {"run_results": …, "manifest": …}. See
https://schemas.getdbt.com/dbt/run-results/v6.json. Messages of the database are left out, which can hold values.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from catalog.quality.formats.values import (
    MAX_NAME_LENGTH,
    Found,
    Report,
    RuleResult,
    Tool,
    clean_text,
    find_dimension,
    get_count,
    get_number,
    get_object,
    get_text,
    get_time,
    iterate_objects,
)

RUN_RESULTS, MANIFEST = "run_results", "manifest"
TEST_PREFIXES = ("test.", "unit_test.")
PASSED, FAILED, WARNED = "pass", "fail", "warn"
NOT_EVALUATED = frozenset({"skipped", "reused", "no-op"})
"""Statuses of a test that dbt did not run, of dbt Fusion among them; any other that says neither yes nor no is an error."""
SKIPPED = "The test was skipped."
NOT_RUN = "The test could not be run."
_RELATION = re.compile(r"\bfrom\s+((?:[\"`\[]?[\w$-]+[\"`\]]?\.){1,3}[\"`\[]?[\w$-]+[\"`\]]?)", re.IGNORECASE)
_QUOTES = str.maketrans("", "", '"`[]')
MAX_SQL_LENGTH = 20_000


class _Test(NamedTuple):
    """`kind` is the generic test's name, such as `not_null`; empty for one of SQL alone."""

    dataset: str
    column: str
    kind: str
    name: str


def is_run_results(found: Found) -> bool:
    return "dbt_schema_version" in get_object(found, "metadata") and "results" in found


def read_run_results(found: Found, manifest: Found, path: str = "") -> list[Report]:
    """A report for each dataset with tests. Raises UnreadableReport."""
    metadata, nodes = get_object(found, "metadata"), get_object(manifest, "nodes")
    results = [one for _place, one in iterate_objects(found, "results", path)]
    relations = {
        get_text(one, "unique_id", MAX_NAME_LENGTH): get_text(one, "relation_name", MAX_NAME_LENGTH)
        for one in results
    }
    rules: dict[str, list[RuleResult]] = defaultdict(list)
    for result in results:
        unique_id = get_text(result, "unique_id", MAX_NAME_LENGTH)
        if unique_id.startswith(TEST_PREFIXES):
            test = _find_test(result, unique_id, nodes, relations)
            status = get_text(result, "status").lower()
            failures = get_count(result, "failures")
            is_run = status in {PASSED, FAILED, WARNED}
            rule = RuleResult(
                name=test.name,
                dimension=find_dimension(test.kind),
                column=test.column,
                passed=status == PASSED if is_run else None,
                observed="" if failures is None else f"failures: {failures}",
                message="" if is_run else SKIPPED if status in NOT_EVALUATED else NOT_RUN,
                is_warning=status == WARNED,
                is_error=not is_run and status not in NOT_EVALUATED,
                failed_rows=failures,
            )
            rules[test.dataset].append(rule)
    finished_at = get_time(metadata, "generated_at")
    started_at = get_time(metadata, "invocation_started_at")
    elapsed = get_number(found, "elapsed_time")
    if started_at is None and finished_at is not None and elapsed is not None and 0 <= elapsed < 10**7:
        started_at = finished_at - timedelta(seconds=elapsed)
    version = get_text(metadata, "dbt_version")
    return [
        Report(Tool.DBT, version, dataset, started_at, finished_at, tuple(each))
        for dataset, each in sorted(rules.items())
    ]


def _find_test(result: Found, unique_id: str, nodes: Found, relations: dict[str, str]) -> _Test:
    """By the manifest, else by the test's SQL."""
    node = get_object(nodes, unique_id)
    kind = get_text(get_object(node, "test_metadata"), "name")
    name = get_text(node, "name") or _strip_id(unique_id)
    attached = get_text(node, "attached_node", MAX_NAME_LENGTH)
    dataset = get_text(get_object(nodes, attached), "relation_name", MAX_NAME_LENGTH) or relations.get(
        attached, ""
    )
    found = _unquote(dataset) or _find_relation(result)
    column = get_text(node, "column_name")
    return _Test(found, column or _guess_column(name, found), kind or name, name)


def _find_relation(result: Found) -> str:
    sql = result.get("compiled_code", result.get("compiled_sql"))
    match = _RELATION.search(sql[:MAX_SQL_LENGTH]) if isinstance(sql, str) else None
    return clean_text(_unquote(match[1]), MAX_NAME_LENGTH) if match else ""


def _guess_column(name: str, dataset: str) -> str:
    """Dbt names these tests by test, model and column."""
    model = dataset.rpartition(".")[2]
    for kind in ("not_null", "unique"):
        start = f"{kind}_{model}_"
        if model and name.startswith(start):
            return name.removeprefix(start)
    return ""


def _strip_id(unique_id: str) -> str:
    """`test.bank.unique_claims_claim_id.69dbfaf823` without its project and hash."""
    parts: Iterable[str] = unique_id.split(".")[2:3]
    return "".join(parts) or unique_id


def _unquote(relation: str) -> str:
    return relation.translate(_QUOTES)
