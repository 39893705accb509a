"""The facet `dataQualityAssertions` of OpenLineage's datasets
(https://openlineage.io/spec/facets/1-0-2/DataQualityAssertionsDatasetFacet.json). Texts of assertions are left out, which can
hold values, but for numbers.
"""

from datetime import datetime

from catalog.quality.formats.dimensions import find_dimension
from catalog.quality.formats.json_reading import (
    MAX_NAME_LENGTH,
    MAX_RULES,
    Found,
    format_number,
    get_number,
    get_object,
    get_text,
)
from catalog.quality.formats.values import Report, RuleResult, Tool, names_value_of_row

FACET = "dataQualityAssertions"


def read_dataset_report(dataset: Found, at: datetime | None) -> Report | None:
    """Of an input or output of an event that happened at that time; None if it has no assertions. Never raises."""
    found = {**_get_facet(dataset, "facets"), **_get_facet(dataset, "inputFacets")}
    assertions = found.get("assertions")
    rules = tuple(
        _read_rule(one)
        for one in (assertions[:MAX_RULES] if isinstance(assertions, list) else ())
        if isinstance(one, dict)
    )
    if not rules:
        return None
    names = (get_text(dataset, "namespace", MAX_NAME_LENGTH), get_text(dataset, "name", MAX_NAME_LENGTH))
    version = get_text(found, "_producer")
    return Report(Tool.OPENLINEAGE, version, "/".join(filter(None, names)), at, at, rules)


def _get_facet(dataset: Found, facets: str) -> Found:
    """Version 1 has it among those of an input; later ones also on any dataset."""
    return get_object(get_object(dataset, facets), FACET)


def _read_rule(assertion: Found) -> RuleResult:
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
