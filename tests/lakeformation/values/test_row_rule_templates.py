"""Row rules with values to choose: what is chosen is compiled, and an ask lies within or does not."""

import pytest

from lakeformation.values.row_rule_parser import RowRuleError
from lakeformation.values.row_rule_templates import lies_within, read_template, rule_of

VALUES = {"country": ["DE", "AT", "CH"], "year": ["2025", "2026"]}
BOTH = read_template("country = {country} AND year IN ({year}) AND is_open = true", VALUES)


def test_chosen_values_become_a_row_rule() -> None:
    one = rule_of(BOTH, {"country": ["'DE'"], "year": ["2026"]})
    assert one == "is_open = true AND country = 'DE' AND year = 2026"
    several = rule_of(BOTH, {"country": ["'DE'", "'AT'"], "year": ["2026"]})
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
    assert lies_within(BOTH, rule) is inside


def test_without_a_template_every_row_is_offered() -> None:
    empty = read_template("  ", {})
    assert rule_of(empty, {}) == ""
    assert lies_within(empty, "")
    assert lies_within(empty, "a = 1")


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
    with pytest.raises(RowRuleError):
        read_template(text, values)


def test_a_value_is_never_pasted() -> None:
    nasty = "DE' OR 'a' = 'a"
    template = read_template("country = {country}", {"country": [nasty, "DATE '2026-01-31'"]})
    assert rule_of(template, {"country": ["'DE'' OR ''a'' = ''a'"]}) == "country = 'DE'' OR ''a'' = ''a'"
    for chosen in ([], ["DE"], ["'X'"]):
        with pytest.raises(RowRuleError):
            rule_of(template, {"country": chosen})
