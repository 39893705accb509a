"""What rules demand of who asks: what lacks, and which patterns a rule may have."""

import pytest

from requests_app.policy_engine.demands import (
    Demands,
    Field,
    Lack,
    digest_of_text,
    is_pattern,
    lacking,
    together,
)

TICKET = Field("ticket", "Ticket", "[A-Z]+-[0-9]+")
TERMS = "For the report alone."


@pytest.mark.parametrize(
    ("answer", "lack"),
    [
        ("CHG-12", None),
        ("", Lack.EMPTY),
        ("chg-12", Lack.PATTERN),
        ("CHG-12 or so", Lack.PATTERN),
        ("C" * 201, Lack.LONG),
        ("CHG\u202e-12", Lack.LONG),
    ],
)
def test_an_answer_is_one_line_like_the_pattern(answer: str, lack: Lack | None) -> None:
    assert TICKET.lack(answer) == lack


def test_two_rules_that_want_the_same_field_otherwise_both_count() -> None:
    other = Field("ticket", "Change", "CHG.*")
    demands = together([Demands((TICKET,)), Demands((other,)), Demands((TICKET,), (TERMS,))])
    assert set(demands.fields) == {TICKET, other}
    assert lacking(demands, {"ticket": "INC-1"}, {digest_of_text(TERMS)}).answers == {"ticket": Lack.PATTERN}
    assert not lacking(demands, {"ticket": "CHG-1"}, {digest_of_text(TERMS)})


def test_another_text_is_accepted_anew() -> None:
    demands = Demands(texts=(TERMS,))
    assert lacking(demands, {}, {digest_of_text(f"{TERMS} Really.")}).texts == (TERMS,)


def test_what_is_kept_is_read_the_same() -> None:
    demands = Demands((TICKET,), (TERMS,))
    assert Demands.of_verdict({"demands": demands.to_json()}) == demands
    assert not Demands.of_verdict({"outcome": "asks"})


@pytest.mark.parametrize(
    "text", ["[A-Z]{2,5}-[0-9]+", r"INC\d{7}", r"Art\. 6 \(1\) [a-f]", "[A-Za-z ,-]+", "x*y*z*"]
)
def test_patterns_are_characters_and_classes(text: str) -> None:
    assert is_pattern(text)


@pytest.mark.parametrize(
    "text", ["(a+)+", "a|b", "a**", "a*b*c*d*", "[z-a]", "x{3,1}", "", "[", "^a$", "a" * 9 + "+?"]
)
def test_a_pattern_that_could_take_long_or_is_none_is_refused(text: str) -> None:
    assert not is_pattern(text)
