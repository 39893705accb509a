"""English sentences of the core and of stored text, in the language of their reader."""

from datetime import timedelta

import pytest
from django.utils import translation

from fulfilment.messages import is_translated, translate_message
from kernel.durations import format_duration


@pytest.mark.parametrize(
    ("text", "german"),
    [
        ("a score of 80%, 4 of 5 rules passed", "ein Wert von 80 %, 4 von 5 Regeln bestanden"),
        ("every column, including future ones", "alle Spalten, auch künftige"),
        ("Every column, including future ones.", "Alle Spalten, auch künftige."),
        (
            "SELECT on insurance_gold.claims (2 columns, in all rows) for bi-analyst",
            "SELECT auf insurance_gold.claims (2 Spalten, alle Zeilen) für bi-analyst",
        ),
        (
            "claims is 31 hours old by its Iceberg snapshot; promised: at most 24 hours old; since 2026-11-29 09:40 UTC",
            "claims ist laut ihrem Iceberg-Snapshot 31 Stunden alt; zugesagt: höchstens 24 Stunden alt; seit 2026-11-29 09:40 UTC",
        ),
        ("We load it on Monday.", "We load it on Monday."),
    ],
)
def test_a_known_sentence_is_translated_with_its_values(text: str, german: str) -> None:
    assert translate_message(text) == text
    with translation.override("de"):
        assert translate_message(text) == german
        assert is_translated(text) is (german != text)


@pytest.mark.parametrize("minutes", [0, 1, 5, 60, 180, 1440, 9000])
def test_stored_durations_are_known(minutes: int) -> None:
    span = timedelta(minutes=minutes)
    with translation.override("en"):
        text = format_duration(span)
    with translation.override("de"):
        assert translate_message(text) == format_duration(span)
