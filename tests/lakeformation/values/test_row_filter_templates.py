"""Row filters with values to choose: what is chosen is compiled, and a request lies within or does not."""

import pytest

from lakeformation.values.row_filter_templates import build_row_filter, is_within_template, read_template
from lakeformation.values.row_filters import RowFilterError

VALUES = {"country": ["DE", "AT", "CH"], "year": ["2025", "2026"]}
BOTH = read_template("country = {country} AND year IN ({year}) AND is_open = true", VALUES)


def test_chosen_values_become_a_row_filter() -> None:
    one = build_row_filter(BOTH, {"country": ["'DE'"], "year": ["2026"]})
    assert one == "is_open = true AND country = 'DE' AND year = 2026"
    several = build_row_filter(BOTH, {"country": ["'DE'", "'AT'"], "year": ["2026"]})
    assert several == "is_open = true AND country IN ('DE', 'AT') AND year = 2026"


@pytest.mark.parametrize(
    ("rule", "inside"),
    [
        ("country = 'DE' AND year = 2026 AND is_open = true", True),
        ("year IN (2025, 2026) AND country IN ('CH', 'AT') AND is_open = true", True),
        ("country = 'DE' AND year = 2026 AND is_open = true AND amount > 5", True),
        ("country = 'FR' AND year = 2026 AND is_open = true", False),
        ("country IN ('DE', 'FR') AND year = 2026 AND is_open = true", False),
        ("country <> 'DE' AND year = 2026 AND is_open = true", False),
        ("NOT country = 'DE' AND year = 2026 AND is_open = true", False),
        ("country NOT IN ('DE') AND year = 2026 AND is_open = true", False),
        ("country = 'DE' AND year = 2026", False),
        ("country = 'DE' AND year = 2026 AND is_open = true OR amount > 5", False),
        ("country = 'DE' AND year = '2026' AND is_open = true", False),
        ("", False),
    ],
)
def test_an_ask_lies_within_when_it_shows_no_more_rows(rule: str, *, inside: bool) -> None:
    assert is_within_template(BOTH, rule) is inside


def test_without_a_template_every_row_is_offered() -> None:
    empty = read_template("  ", {})
    assert build_row_filter(empty, {}) == ""
    assert is_within_template(empty, "")
    assert is_within_template(empty, "a = 1")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("country = {country}", {}),
        ("country = {country}", {"country": [" "]}),
        ("country <> {country}", VALUES),
        ("NOT country = {country}", VALUES),
        ("country = {country} OR year = 1", VALUES),
        ("country LIKE {country}", VALUES),
        ("country = ", VALUES),
        ("country IN ({country}, 'X')", VALUES),
    ],
)
def test_a_template_that_cannot_be_held_is_refused(text: str, values: dict[str, list[str]]) -> None:
    with pytest.raises(RowFilterError):
        read_template(text, values)


def test_a_value_is_never_pasted() -> None:
    nasty = "DE' OR 'a' = 'a"
    template = read_template("country = {country}", {"country": [nasty, "DATE '2026-01-31'"]})
    assert (
        build_row_filter(template, {"country": ["'DE'' OR ''a'' = ''a'"]})
        == "country = 'DE'' OR ''a'' = ''a'"
    )
    for chosen in ([], ["DE"], ["'X'"]):
        with pytest.raises(RowFilterError):
            build_row_filter(template, {"country": chosen})
