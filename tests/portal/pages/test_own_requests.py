"""What product, table and search pages say of a request that is not active yet."""

from datetime import datetime, timedelta

import pytest

from kernel import clock
from portal.pages.own_requests import RequestNote, find_request_notes
from requests_app.review import decision_history
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client


def find_note(bank: Bank, now: datetime | None = None) -> RequestNote | None:
    return find_request_notes(bank.ana, [bank.claims.pk], now or clock.now()).get(bank.claims.pk)


def test_it_says_since_when_and_who_decides(bank: Bank) -> None:
    item = submit_bank_item(bank)
    deciders = sorted([bank.ines.name, bank.ivo.name])
    note = find_note(bank)
    assert note
    assert note.request_id == item.request_id
    assert note.text == f"Requested today. {deciders[0]} or {deciders[1]} decides. It is due in 23 hours."


@pytest.mark.parametrize(("days", "text"), [(1, "Requested yesterday."), (40, "Requested on ")])
def test_earlier_days_are_named(bank: Bank, days: int, text: str) -> None:
    submit_bank_item(bank)
    note = find_note(bank, clock.now() + timedelta(days=days))
    assert note
    assert note.text.startswith(text)


def test_it_says_how_long_it_usually_takes(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_history, "MIN_MEASURED", 1)
    approve(bank, submit_bank_item(bank))
    submit_bank_item(
        bank, principal=factories.make_principal(bank.bi_account, "other"), idempotency_key="second"
    )
    note = find_note(bank)
    assert note
    assert note.text.endswith(
        "decides. Usually in less than a minute (median of 1 decision in 90 days). It is due in 23 hours."
    )


def test_an_approved_request_names_no_decider(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    note = find_note(bank)
    assert note
    assert (note.state.state, note.text) == ("applying", "Requested today.")


def test_product_table_and_search_pages_say_it_to_the_team_only(bank: Bank) -> None:
    submit_bank_item(bank)
    pages = (f"/data-products/{bank.product.slug}/", f"/tables/{bank.claims.pk}/", "/search/?q=claims")
    for url in pages:
        assert "Requested today." in make_client(bank.ana).get(url).content.decode()
        assert "Requested today." not in make_client(bank.ines).get(url).content.decode()
