"""Reads result files of dbt, Great Expectations and Soda, and our plain format. The shape says which it is."""

from collections.abc import Callable, Iterable
from datetime import datetime

from catalog.quality.formats.dbt import MANIFEST, RUN_RESULTS, is_run_results, read_run_results
from catalog.quality.formats.great_expectations import (
    is_checkpoint_description,
    is_checkpoint_result,
    is_validation_result,
    read_checkpoint_description,
    read_checkpoint_result,
    read_validation_result,
)
from catalog.quality.formats.soda import is_scan_result, read_scan_result
from catalog.quality.formats.values import (
    MAX_NAME_LENGTH,
    MAX_REPORTS,
    MAX_RULES,
    Found,
    Report,
    RuleResult,
    Tool,
    UnreadableReport,
    find_dimension,
    format_number,
    get_count,
    get_number,
    get_object,
    get_text,
    get_time,
    iterate_objects,
    join_path,
    load_object,
    names_value_of_row,
    parse_dimension,
)

KEYS = {"dataset", "tool", "tool_version", "started_at", "finished_at", "rules"}
RULE_KEYS = {
    "name", "dimension", "column", "passed", "observed", "expected", "message", "is_warning", "failed_rows", "total_rows",
}  # fmt: skip


def is_plain(found: Found) -> bool:
    return "rules" in found and "dataset" in found


def read_plain(found: Found, path: str = "") -> Report:
    """Strict, as nobody but our own readers writes it. Raises UnreadableReport."""
    _refuse_unknown(found, KEYS, path)
    dataset = get_text(found, "dataset", MAX_NAME_LENGTH)
    if not dataset:
        raise UnreadableReport("Name the dataset that was tested.", join_path(path, "dataset"))
    for name in ("started_at", "finished_at"):
        if found.get(name) is not None and get_time(found, name) is None:
            raise UnreadableReport("This must be a time in ISO 8601.", join_path(path, name))
    rules = tuple(_read_rule(one, place) for place, one in iterate_objects(found, "rules", path))
    finished_at = get_time(found, "finished_at")
    started_at = get_time(found, "started_at") or finished_at
    tool = get_text(found, "tool") or Tool.OTHER
    return Report(tool, get_text(found, "tool_version"), dataset, started_at, finished_at, rules)


def _read_rule(rule: Found, path: str) -> RuleResult:
    _refuse_unknown(rule, RULE_KEYS, path)
    name, passed = get_text(rule, "name"), rule.get("passed")
    if not name:
        raise UnreadableReport("Name the rule.", f"{path}.name")
    if passed is not None and not isinstance(passed, bool):
        raise UnreadableReport("This must be true, false or null.", f"{path}.passed")
    dimension = get_text(rule, "dimension")
    if dimension and not parse_dimension(dimension):
        raise UnreadableReport("No such dimension.", f"{path}.dimension")
    return RuleResult(
        name=name,
        dimension=parse_dimension(dimension) or find_dimension(name),
        column=get_text(rule, "column"),
        passed=passed,
        is_error=passed is None,
        observed="" if names_value_of_row(name) else _describe(rule, "observed"),
        expected=_describe(rule, "expected"),
        message=get_text(rule, "message"),
        is_warning=passed is False and rule.get("is_warning") is True,
        failed_rows=get_count(rule, "failed_rows"),
        total_rows=get_count(rule, "total_rows"),
    )


def _describe(rule: Found, name: str) -> str:
    number = get_number(rule, name)
    return get_text(rule, name) if number is None else format_number(number)


def _refuse_unknown(found: Found, known: set[str], path: str) -> None:
    for name in found:
        if name not in known:
            raise UnreadableReport("No such field.", join_path(path, get_text({"name": name}, "name", 80)))


FACET = "dataQualityAssertions"


def read_dataset_report(dataset: Found, at: datetime | None) -> Report | None:
    """The report of an input or output of an event that happened at that time; None if it has no assertions. Never
    raises.
    """
    found = {**_get_facet(dataset, "facets"), **_get_facet(dataset, "inputFacets")}
    assertions = found.get("assertions")
    rules = tuple(
        _read_openlineage_rule(assertion)
        for assertion in (assertions[:MAX_RULES] if isinstance(assertions, list) else ())
        if isinstance(assertion, dict)
    )
    if not rules:
        return None
    names = (get_text(dataset, "namespace", MAX_NAME_LENGTH), get_text(dataset, "name", MAX_NAME_LENGTH))
    version = get_text(found, "_producer")
    return Report(Tool.OPENLINEAGE, version, "/".join(filter(None, names)), at, at, rules)


def _get_facet(dataset: Found, facets: str) -> Found:
    """Version 1 has it among those of an input; later ones also on any dataset."""
    return get_object(get_object(dataset, facets), FACET)


def _read_openlineage_rule(assertion: Found) -> RuleResult:
    kind, success = get_text(assertion, "assertion"), assertion.get("success")
    return RuleResult(
        name=get_text(assertion, "name") or kind,
        dimension=find_dimension(kind),
        column=get_text(assertion, "column"),
        passed=success if isinstance(success, bool) else None,
        is_error=not isinstance(success, bool),
        observed="" if names_value_of_row(kind) else _describe_number(assertion, "actual"),
        expected=_describe_number(assertion, "expected"),
        is_warning=success is False and get_text(assertion, "severity") == "warn",
    )


def _describe_number(assertion: Found, name: str) -> str:
    """It is a text by the standard."""
    number = get_number(assertion, name)
    if number is None:
        try:
            number = get_number({name: float(get_text(assertion, name))}, name)
        except ValueError:
            return ""
    return "" if number is None else format_number(number)


__all__ = ["Report", "RuleResult", "UnreadableReport", "parse_report", "read_dataset_report"]

UNKNOWN = (
    "This is no result file of dbt, Great Expectations or Soda, and it has no `dataset` with `rules` either."
)


def parse_report(body: bytes) -> list[Report]:
    """One report for each dataset that was tested, with at least one rule each. Raises UnreadableReport."""
    reports = [report for report in _read(load_object(body)) if report.rules]
    if not reports:
        raise UnreadableReport("The file holds no result of a test.")
    if len(reports) > MAX_REPORTS:
        raise UnreadableReport(f"The file is about more than {MAX_REPORTS} datasets.")
    if sum(len(report.rules) for report in reports) > MAX_RULES:
        raise UnreadableReport(f"The file holds more than {MAX_RULES} results of rules.")
    return reports


def _read(found: Found) -> Iterable[Report]:
    for recognises, read in _READERS:
        if recognises(found):
            return read(found)
    raise UnreadableReport(UNKNOWN)


def _is_run_with_manifest(found: Found) -> bool:
    return is_run_results(get_object(found, RUN_RESULTS))


def _read_run_with_manifest(found: Found) -> Iterable[Report]:
    return read_run_results(get_object(found, RUN_RESULTS), get_object(found, MANIFEST), RUN_RESULTS)


_READERS: tuple[tuple[Callable[[Found], bool], Callable[[Found], Iterable[Report]]], ...] = (
    (is_run_results, lambda found: read_run_results(found, {})),
    (_is_run_with_manifest, _read_run_with_manifest),
    (is_scan_result, read_scan_result),
    (is_checkpoint_result, read_checkpoint_result),
    (is_checkpoint_description, read_checkpoint_description),
    (is_validation_result, lambda found: [read_validation_result(found)]),
    (is_plain, lambda found: [read_plain(found)]),
)
