"""What rules require of the requester: what is missing, and which patterns a rule may have."""

import pytest

from requests_app.policy_engine.rules import (
    AnswerProblem,
    RequiredField,
    RequiredInformation,
    compute_text_digest,
    find_missing_information,
    is_safe_pattern,
    merge_required_information,
)

TICKET = RequiredField("ticket", "Ticket", "[A-Z]+-[0-9]+")
TERMS = "For the report alone."


@pytest.mark.parametrize(
    ("answer", "lack"),
    [
        ("CHG-12", None),
        ("", AnswerProblem.EMPTY),
        ("chg-12", AnswerProblem.PATTERN),
        ("CHG-12 or so", AnswerProblem.PATTERN),
        ("C" * 201, AnswerProblem.LONG),
        ("CHG\u202e-12", AnswerProblem.LONG),
    ],
)
def test_an_answer_is_one_line_like_the_pattern(answer: str, lack: AnswerProblem | None) -> None:
    assert TICKET.find_problem(answer) == lack


def test_two_rules_that_want_the_same_field_otherwise_both_count() -> None:
    other = RequiredField("ticket", "Change", "CHG.*")
    demands = merge_required_information(
        [
            RequiredInformation((TICKET,)),
            RequiredInformation((other,)),
            RequiredInformation((TICKET,), (TERMS,)),
        ]
    )
    assert set(demands.fields) == {TICKET, other}
    assert find_missing_information(demands, {"ticket": "INC-1"}, {compute_text_digest(TERMS)}).answers == {
        "ticket": AnswerProblem.PATTERN
    }
    assert not find_missing_information(demands, {"ticket": "CHG-1"}, {compute_text_digest(TERMS)})


def test_another_text_is_accepted_anew() -> None:
    demands = RequiredInformation(texts=(TERMS,))
    assert find_missing_information(demands, {}, {compute_text_digest(f"{TERMS} Really.")}).texts == (TERMS,)


def test_what_is_kept_is_read_the_same() -> None:
    demands = RequiredInformation((TICKET,), (TERMS,))
    assert RequiredInformation.from_verdict({"required_information": demands.to_json()}) == demands
    assert not RequiredInformation.from_verdict({"outcome": "asks"})


@pytest.mark.parametrize(
    "text", ["[A-Z]{2,5}-[0-9]+", r"INC\d{7}", r"Art\. 6 \(1\) [a-f]", "[A-Za-z ,-]+", "x*y*z*"]
)
def test_patterns_are_characters_and_classes(text: str) -> None:
    assert is_safe_pattern(text)


@pytest.mark.parametrize(
    "text", ["(a+)+", "a|b", "a**", "a*b*c*d*", "[z-a]", "x{3,1}", "", "[", "^a$", "a" * 9 + "+?"]
)
def test_a_pattern_that_could_take_long_or_is_none_is_refused(text: str) -> None:
    assert not is_safe_pattern(text)
