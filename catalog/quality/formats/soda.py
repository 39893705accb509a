"""Results of Soda Core: of version 3 as `Scan.get_scan_results()` returns them and `soda scan -srf` writes them, of version 4 as a
verified contract sends them to Soda Cloud. Samples of failed rows, queries and logs are left out.
"""

from collections import defaultdict
from collections.abc import Iterator

from catalog.quality.formats.values import (
    MAX_NAME_LENGTH,
    Found,
    Report,
    RuleResult,
    Tool,
    clean_text,
    find_dimension,
    format_number,
    get_count,
    get_number,
    get_object,
    get_text,
    get_time,
    iterate_objects,
    names_value_of_row,
    parse_dimension,
)

OUTCOMES = {"pass": True, "fail": False, "warn": False}
EXCLUDED = "excluded"
"""In version 4: the run was about other checks."""
COUNTING_CHECKS = frozenset({"row_count", "missing", "invalid", "duplicate", "failed_rows"})
"""In version 4, what these checks observe is a count or a share; an `aggregate` may be a minimum."""
LIMITS = {
    "greaterThan": "at most",
    "greaterThanOrEqual": "less than",
    "lessThan": "at least",
    "lessThanOrEqual": "more than",
    "equal": "not",
}
"""What is right, by the condition under which Soda calls it wrong."""
NOT_RUN = "The check could not be evaluated."
NOT_CHOSEN = "The check was not run."
_VERSION = "Soda Core "


def is_scan_result(found: Found) -> bool:
    return "checks" in found and ("scanStartTimestamp" in found or "definitionName" in found)


def read_scan_result(found: Found) -> list[Report]:
    """A report for each table. Raises UnreadableReport."""
    rules: dict[str, list[RuleResult]] = defaultdict(list)
    has_errors = found.get("hasErrors") is True
    for _path, check in iterate_objects(found, "checks"):
        # Version 4 has the database before the table, version 3 the data source alone.
        prefix = check.get("datasetPrefix")
        places = [one for one in prefix if isinstance(one, str)] if isinstance(prefix, list) else []
        if not places:
            source = get_text(check, "dataSource", MAX_NAME_LENGTH)
            places = [source or get_text(found, "defaultDataSource", MAX_NAME_LENGTH)]
        parts = (*places, get_text(check, "table", MAX_NAME_LENGTH))
        rules[clean_text(".".join(filter(None, parts)), MAX_NAME_LENGTH)].append(
            _read_rule(check, has_errors=has_errors)
        )
    started_at, finished_at = get_time(found, "scanStartTimestamp"), get_time(found, "scanEndTimestamp")
    version = next(_list_versions(found), "") or get_text(found, "version")
    return [
        Report(Tool.SODA, version, dataset, started_at, finished_at, tuple(each))
        for dataset, each in sorted(rules.items())
    ]


def _list_versions(found: Found) -> Iterator[str]:
    """The scan says it in its log alone."""
    logs = found.get("logs")
    for log in logs if isinstance(logs, list) else ():
        message = get_text(log, "message") if isinstance(log, dict) else ""
        if message.startswith(_VERSION):
            yield message.removeprefix(_VERSION)


def _read_rule(check: Found, *, has_errors: bool) -> RuleResult:
    """A check without an outcome is one that an error stopped, if the scan had any; else there was nothing to compare yet."""
    name, diagnostics = get_text(check, "name"), get_object(check, "diagnostics")
    outcome = get_text(check, "outcome")
    attributes = {
        get_text(attribute, "name"): get_text(attribute, "value") for attribute in _list_attributes(check)
    }
    metrics, check_type = check.get("metrics"), get_text(check, "checkType")
    names = [metric for metric in metrics if isinstance(metric, str)] if isinstance(metrics, list) else []
    kind = " ".join(filter(None, [check_type, name, *names]))
    return RuleResult(
        name=name,
        dimension=parse_dimension(attributes.get("dimension", "")) or find_dimension(kind),
        column=get_text(check, "column"),
        passed=OUTCOMES.get(outcome),
        observed=_describe_observed(kind, check_type, outcome, diagnostics),
        expected=_describe_expected(diagnostics),
        message="" if outcome in OUTCOMES else NOT_CHOSEN if outcome == EXCLUDED else NOT_RUN,
        is_warning=outcome == "warn",
        is_error=outcome not in {*OUTCOMES, EXCLUDED} and has_errors,
        failed_rows=_count_failed_rows(diagnostics),
        total_rows=get_count(get_object(diagnostics, "v4"), "checkRowsTested"),
    )


def _list_attributes(check: Found) -> Iterator[Found]:
    found = check.get("resourceAttributes")
    return (one for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))


def _describe_observed(kind: str, check_type: str, outcome: str, diagnostics: Found) -> str:
    """Version 4 says 0 of what was not evaluated."""
    value = get_number(diagnostics, "value")
    if value is None or outcome not in OUTCOMES or names_value_of_row(kind):
        return ""
    if check_type and check_type not in COUNTING_CHECKS:
        return ""
    return format_number(value)


def _describe_expected(diagnostics: Found) -> str:
    wrong = get_object(diagnostics, "fail") or get_object(diagnostics, "warn")
    numbers = {name: number for name in LIMITS if (number := get_number(wrong, name)) is not None}
    if {"greaterThan", "lessThan"} == set(numbers) and len(set(numbers.values())) == 1:
        return f"equal to {format_number(numbers['lessThan'])}"
    return " or ".join(f"{LIMITS[name]} {format_number(number)}" for name, number in numbers.items())


def _count_failed_rows(diagnostics: Found) -> int | None:
    failed = get_count(get_object(diagnostics, "v4"), "failedRowsCount")
    if failed is not None:
        return failed
    blocks = diagnostics.get("blocks")
    counts = [
        get_count(block, "totalFailingRows")
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict)
    ]
    return next((count for count in counts if count is not None), None)
