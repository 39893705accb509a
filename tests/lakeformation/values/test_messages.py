"""Templates of sentences, and the values that a text has of one."""

import pytest

from lakeformation.values.messages import MessageTemplate, find_message
from lakeformation.values.wording import describe_permission, describe_rows

SCORE = MessageTemplate("a score of %(percent)s%%, %(passed)d of %(evaluated)d rules passed")


def test_values_are_found_again_in_the_text() -> None:
    values = {"percent": "97.5", "passed": 39, "evaluated": 40}
    assert SCORE.format(**values) == "a score of 97.5%, 39 of 40 rules passed"
    assert SCORE.find_values(SCORE.format(**values)) == values


@pytest.mark.parametrize(
    "text", ["", "a score of 97.5%", "a score of 97.5%, 39 of all rules passed", "A score of 9%, 1 of 2 rules passed"]
)  # fmt: skip
def test_another_text_has_no_values(text: str) -> None:
    assert SCORE.find_values(text) is None


def test_a_name_that_stands_twice_has_one_value() -> None:
    template = MessageTemplate("%(name)s is %(name)s")
    assert template.find_values("a is a") == {"name": "a"}
    assert template.find_values("a is b") is None


def test_the_template_with_the_most_words_of_its_own_is_meant() -> None:
    text = describe_permission("SELECT", "insurance_gold/claims", "3 columns, in all rows")
    found = find_message(text)
    assert found is not None
    assert found[0].text == "%(verb)s on %(resource)s (%(columns)s)"
    assert found[1]["resource"] == "insurance_gold.claims"


def test_words_of_people_are_no_message() -> None:
    assert find_message("Claims on Monday") is None
    assert find_message(describe_rows("")) is not None
