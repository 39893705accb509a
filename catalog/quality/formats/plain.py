"""Our own plain format, for tools without one: {"dataset": …, "rules": [{"name": …, "passed": …}]}."""

from catalog.quality.formats.dimensions import find_dimension, parse_dimension
from catalog.quality.formats.json_reading import (
    MAX_NAME_LENGTH,
    Found,
    format_number,
    get_count,
    get_number,
    get_text,
    get_time,
    iterate_objects,
    join_path,
)
from catalog.quality.formats.values import Report, RuleResult, Tool, UnreadableReport, names_value_of_row

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
