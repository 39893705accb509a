"""Validation and checkpoint results of Great Expectations 0.18 and 1.x. Unexpected values and rows, values of the data that a
metric observed, and messages of exceptions are left out.
"""

from collections.abc import Iterator

from catalog.quality.formats.values import (
    MAX_NAME_LENGTH,
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
)

COUNTED_ROWS = "expect_column_values_"
OBSERVED_METRICS = (
    "row_count",
    "column_count",
    "unique_value_count",
    "proportion_of_unique_values",
    "mean",
    "stdev",
    "sum",
)
"""Their observed value is of the table or column as a whole. A minimum, median or most common value is that of a row."""
BOUNDS = (("min_value", "at least"), ("max_value", "at most"), ("value", "equal to"))
NOT_RUN = "The expectation could not be checked."


def is_validation_result(found: Found) -> bool:
    return "results" in found and (
        "great_expectations_version" in get_object(found, "meta") or "statistics" in found
    )


def is_checkpoint_result(found: Found) -> bool:
    return "run_results" in found and "run_id" in found


def is_checkpoint_description(found: Found) -> bool:
    """What `CheckpointResult.describe()` of version 1 writes."""
    return "validation_results" in found


def read_validation_result(found: Found, path: str = "") -> Report:
    """Raises UnreadableReport."""
    meta = get_object(found, "meta")
    at = get_time(get_object(meta, "run_id"), "run_time") or get_time(meta, "validation_time")
    rules = tuple(
        _read_rule(get_object(one, "expectation_config"), one)
        for _place, one in iterate_objects(found, "results", path)
    )
    version = get_text(meta, "great_expectations_version")
    batch = get_object(meta, "active_batch_definition")
    names = (
        get_text(batch, "datasource_name", MAX_NAME_LENGTH),
        get_text(batch, "data_asset_name", MAX_NAME_LENGTH),
    )
    dataset = ".".join(filter(None, names)) or get_text(meta, "expectation_suite_name", MAX_NAME_LENGTH)
    return Report(Tool.GREAT_EXPECTATIONS, version, dataset, at, at, rules)


def read_checkpoint_result(found: Found) -> Iterator[Report]:
    """Raises UnreadableReport."""
    results = found.get("run_results")
    if not isinstance(results, dict):
        raise UnreadableReport("This must be an object.", "run_results")
    for number, one in enumerate(results.values()):
        path = f"run_results.{number}"
        if not isinstance(one, dict):
            raise UnreadableReport("This must be an object.", path)
        if "validation_result" in one:
            yield read_validation_result(get_object(one, "validation_result"), f"{path}.validation_result")
        else:
            yield read_validation_result(one, path)


def read_checkpoint_description(found: Found) -> Iterator[Report]:
    """It names no dataset but by the batch of its expectations, no version and no time."""
    for path, one in iterate_objects(found, "validation_results"):
        expectations = [each for _place, each in iterate_objects(one, "expectations", path)]
        batches = [
            get_text(get_object(expectation, "kwargs"), "batch_id", MAX_NAME_LENGTH)
            for expectation in expectations
        ]
        rules = tuple(_read_rule(expectation, expectation) for expectation in expectations)
        name = get_text(one, "asset_name", MAX_NAME_LENGTH) or next(filter(None, batches), "")
        yield Report(Tool.GREAT_EXPECTATIONS, "", name, None, None, rules)


def _read_rule(config: Found, outcome: Found) -> RuleResult:
    kind = get_text(config, "type") or get_text(config, "expectation_type")
    arguments, result = get_object(config, "kwargs"), get_object(outcome, "result")
    # One of the expectation, or in version 1 one of each of its metrics.
    info = get_object(outcome, "exception_info")
    if info.get("raised_exception") is True:
        has_exception = True
    else:
        has_exception = any(
            isinstance(one, dict) and one.get("raised_exception") is True for one in info.values()
        )
    success = outcome.get("success")
    passed = success if isinstance(success, bool) and not has_exception else None
    # Numbers alone: sets and patterns may be made of values.
    parts = [
        f"{words} {format_number(number)}"
        for name, words in BOUNDS
        if (number := get_number(arguments, name)) is not None
    ]
    mostly = get_number(arguments, "mostly")
    if mostly is not None and mostly < 1:
        parts.append(f"for at least {format_number(100 * mostly)}% of rows")
    return RuleResult(
        name=kind,
        dimension=find_dimension(kind),
        column=_name_column(arguments),
        passed=passed,
        observed=_describe_observed(kind, result),
        expected=", ".join(parts),
        message="" if passed is not None else NOT_RUN,
        is_warning=passed is False and get_text(config, "severity") in {"warning", "info"},
        is_error=passed is None,
        failed_rows=get_count(result, "unexpected_count"),
        total_rows=get_count(result, "element_count"),
    )


def _name_column(arguments: Found) -> str:
    if column := get_text(arguments, "column"):
        return column
    names = [get_text(arguments, name) for name in ("column_A", "column_B")]
    return ", ".join(filter(None, names))


def _describe_observed(kind: str, result: Found) -> str:
    failed, total = get_count(result, "unexpected_count"), get_count(result, "element_count")
    if failed is not None and total is not None and kind.startswith(COUNTED_ROWS):
        return f"{failed} of {total} rows failed"
    observed = get_number(result, "observed_value")
    if observed is None or not any(metric in kind for metric in OBSERVED_METRICS):
        return ""
    return format_number(observed)
