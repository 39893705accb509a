"""The reasons of a hit explain each word of the search, the rarest first, and repeat nothing."""

from collections.abc import Mapping, Sequence

import pytest

from catalog.search.results import MAX_REASON, Explanation, HitTexts, explain
from catalog.search.snippets import Candidate, Matcher
from catalog.search.terms import parse_terms
from catalog.search.text_queries import MatchedTerm

pytestmark = pytest.mark.django_db

NAME, SUMMARY = "Claims", "Each claim of a policy."
COLUMNS = [
    Candidate("column", "claims", name) for name in ("amount", "amount_paid", "amount_open", "currency")
]


def explain_texts(
    asked: str,
    candidates: list[Candidate],
    *,
    summary: str = SUMMARY,
    matched: Sequence[MatchedTerm] = (),
    documents: Mapping[str, int] | None = None,
) -> Explanation:
    matcher = Matcher(parse_terms(asked), matched, documents)
    texts = HitTexts(Candidate("name", "", NAME), Candidate("summary", "", summary), candidates)
    matcher.read_stems(one.text for one in (texts.name, texts.summary, *candidates))
    return explain(matcher, texts)


def list_reasons(asked: str, candidates: list[Candidate], **given: Mapping[str, int]) -> list[str]:
    return [reason.text for reason in explain_texts(asked, candidates, **given).reasons]  # type: ignore[arg-type]


def test_what_name_and_summary_show_is_not_repeated() -> None:
    texts = [Candidate("table", "", "claims"), Candidate("column", "claims", "claim_id"), *COLUMNS]

    assert list_reasons("claim", texts) == [NAME, SUMMARY]
    assert list_reasons("claim currency", texts) == [NAME, SUMMARY, "currency"]


def test_a_text_is_told_once() -> None:
    sentence = "Paid in a currency"
    texts = [Candidate(field, "", sentence) for field in ("description", "keyword")]
    texts.append(Candidate("comment", "claims.amount", "paid in a currency."))

    assert list_reasons("currency", texts) == [sentence]


def test_a_text_of_several_tables_says_of_how_many() -> None:
    texts = [Candidate("column", table, "currency") for table in ("claims", "payments", "refunds")]
    (reason,) = explain_texts("currency", [*texts, COLUMNS[0]]).reasons

    assert (reason.subject, reason.text, reason.subjects) == ("claims", "currency", 3)


def test_the_reason_with_the_rarest_word_comes_first() -> None:
    texts = [*COLUMNS, Candidate("comment", "claims.id", "Given by the Lloyd's broker")]
    documents = {"amount": 900, "broker": 3, "claim": 500}

    assert list_reasons("amount broker", texts, documents=documents)[:2] == [texts[-1].text, "amount"]
    assert list_reasons("claim amount broker", texts, documents=documents)[0] == texts[-1].text


def test_a_number_is_not_rarer_than_a_word() -> None:
    texts = [Candidate("comment", "claims.year", "Since 2024"), COLUMNS[-1]]

    assert list_reasons("2024 currency", texts, documents={"currency": 900}) == ["currency", "Since 2024"]


def test_a_word_that_one_text_alone_has_is_told_although_others_come_before() -> None:
    assert list_reasons("amount currency", COLUMNS)[:2] == ["amount", "currency"]


def test_of_a_word_at_most_two_reasons_are_of_one_field() -> None:
    assert list_reasons("amount", COLUMNS) == ["amount", "amount_paid"]


def test_an_unfinished_word_is_explained_by_what_begins_with_it() -> None:
    assert list_reasons("claims curr", COLUMNS) == [NAME, SUMMARY, "currency"]


def test_a_word_that_no_text_has_leaves_the_others() -> None:
    found = explain_texts("currency unheard", COLUMNS)

    assert ([one.text for one in found.reasons], found.is_complete) == (["currency"], False)


def test_a_synonym_is_a_reason() -> None:
    nothing: frozenset[int] = frozenset()
    amount = MatchedTerm("amount", "Amount", "", ("amount",), ("sum",), (), nothing, nothing)
    (reason,) = explain_texts("amount", [Candidate("column", "claims", "sum")], matched=[amount]).reasons

    assert (reason.text, reason.term) == ("sum", "Amount")


@pytest.mark.parametrize("around", ["word ", "wörter\n", "a,b "])
def test_a_long_text_is_cut_around_the_rarest_word(around: str) -> None:
    text = f"{around * 30}currency {around * 300}the rarest broker {around * 300}"
    (reason,) = explain_texts(
        "currency broker", [Candidate("description", "", text)], documents={"currency": 90, "broker": 3}
    ).reasons

    assert [reason.text[start:end] for start, end in reason.spans] == ["broker"]
    assert (reason.text[0], reason.text[-1], len(reason.text) <= MAX_REASON + 2) == ("…", "…", True)
    assert set(reason.text.strip("…").split()) <= {"the", "rarest", "broker", *around.split()}


def test_a_part_with_both_words_is_preferred() -> None:
    text = f"A broker {'of many words ' * 40} the broker's currency"

    assert list_reasons("broker currency", [Candidate("description", "", text)])[0].endswith(
        "the broker's currency"
    )


def test_a_word_beyond_the_shown_part_of_the_summary_is_a_reason() -> None:
    found = explain_texts("policy currency", COLUMNS, summary=f"A policy {'and so on ' * 60} in a currency")

    assert [one.text for one in found.reasons][1:] == ["currency"]
    assert [found.summary[start:end] for start, end in found.summary_spans] == ["policy"]
