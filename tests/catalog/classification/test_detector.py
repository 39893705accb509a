"""Kinds by name and by values, and what is not taken for them."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.classification import detection
from catalog.classification.detection import ColumnSample, Evidence, detect_column, is_iban, is_payment_card
from catalog.classification.kinds import DetectedKind as Kind
from catalog.classification.kinds import find_named_kinds, split_name

TODAY = date(2026, 11, 27)
CARD = "4111111111111111"


def detect(name: str, values: list[str | None], type_: str = "varchar") -> Kind | None:
    found = detect_column(ColumnSample(name, type_, values), TODAY)
    return found.kind if found else None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("IBAN", Kind.IBAN), ("kunde_iban", Kind.IBAN), ("eMail", Kind.EMAIL), ("e_mail", Kind.EMAIL), ("Geburtsdatum", Kind.DATE_OF_BIRTH),
        ("geb_dat", Kind.DATE_OF_BIRTH), ("telefon_privat", Kind.PHONE), ("Straße", Kind.POSTAL_ADDRESS), ("steuer_id", Kind.NATIONAL_ID),
        ("Kreditkartennummer", Kind.PAYMENT_CARD), ("lastName", Kind.PERSON_NAME), ("client_ip", Kind.IP_ADDRESS),
    ],
)  # fmt: skip
def test_german_and_english_names_say_a_kind(name: str, kind: Kind) -> None:
    assert find_named_kinds(name) == {kind}


@pytest.mark.parametrize(
    "name", ["email_sent_at", "phone_type", "product_name", "ip_version", "description", "mail_template", ""]
)
def test_columns_about_a_datum_say_none(name: str) -> None:
    assert not find_named_kinds(name)


@given(st.text(max_size=60))
def test_any_name_is_split(name: str) -> None:
    assert all(token and token == token.lower() for token in split_name(name))


@given(st.integers(min_value=0, max_value=10**18 - 1), st.integers(min_value=1, max_value=96))
def test_one_changed_check_digit_is_no_iban(number: int, shift: int) -> None:
    body = f"{number:018d}"
    check = 98 - int(f"{body}131400") % 97
    assert is_iban(f"DE{check:02d}{body}")
    assert not is_iban(f"DE{(check - 2 + shift) % 97 + 2:02d}{body}")


@given(st.integers(min_value=0, max_value=15), st.integers(min_value=1, max_value=9))
def test_one_changed_digit_is_no_card(at: int, shift: int) -> None:
    assert is_payment_card(CARD)
    assert not is_payment_card(CARD[:at] + str((int(CARD[at]) + shift) % 10) + CARD[at + 1 :])


@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=60), st.text(max_size=20))
def test_no_value_breaks_it_and_none_is_in_the_evidence(values: list[str | None], name: str) -> None:
    for type_ in ("varchar", "date", "bigint", "array<string>"):
        found = detect_column(ColumnSample(name, type_, values), TODAY)
        if found is not None:
            assert found.score >= detection.MIN_SCORE
            assert all(isinstance(one, Evidence) and one.valid <= one.sampled for one in found.evidence)


def test_a_name_that_the_values_contradict_is_no_finding() -> None:
    assert detect("email", ["yes", "no"] * 30) is None
    assert detect("email", []) == Kind.EMAIL


def test_dates_of_birth_need_the_name_or_ages() -> None:
    rng = random.Random(4)
    births: list[str | None] = [str(TODAY - timedelta(days=rng.randint(7000, 30000))) for _ in range(60)]
    orders: list[str | None] = [str(TODAY - timedelta(days=rng.randint(0, 900))) for _ in range(60)]
    assert detect("x", births, "date") == Kind.DATE_OF_BIRTH
    assert detect("founded_on", births, "date") is None
    assert detect("x", orders, "date") is None
    assert detect("birth_date", orders, "date") == Kind.DATE_OF_BIRTH


def test_public_is_proposed_for_reference_data_alone_and_on_enough_values() -> None:
    values: list[str | None] = ["EUR", "CHF"] * 20
    found = detect_column(ColumnSample("currency", "varchar", values), TODAY)
    assert found is not None
    assert (found.kind, found.proposed_class) == (Kind.REFERENCE, "public")
    assert detect("currency", values[:10]) is None
    assert detect("currency", [str(one) for one in range(40)]) is None
    assert detect("note", values) is None
