"""An address that only takes a form, opened like a page: words in place of the browser's blank page."""

from django.urls import reverse

from tests.bank import Bank, submit_bank_item
from tests.portal.conftest import make_client


def test_it_says_that_nothing_was_done_and_what_to_do(bank: Bank) -> None:
    answer = make_client(bank.ana).get(reverse("request-item-withdraw", args=[submit_bank_item(bank).pk]))
    page = answer.content.decode()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Page not found" in page
    assert "If you just signed in again, your last input was not saved" in page


def test_a_form_sent_after_the_session_ended_leads_there(bank: Bank) -> None:
    address, ana = reverse("request-item-comments", args=[submit_bank_item(bank).pk]), make_client(bank.ana)
    ana.logout()
    sent = ana.post(address, {"text": "Is it urgent?"})
    assert sent["Location"] == f"{reverse('sign-in')}?next={address}"
    assert "Page not found" in make_client(bank.ana).get(address).content.decode()


def test_the_api_keeps_its_own_answer(bank: Bank) -> None:
    answer = make_client(bank.ana).get(reverse("api-request-item-withdraw", args=[submit_bank_item(bank).pk]))
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
