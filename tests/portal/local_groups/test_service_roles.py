"""Service roles on the pages: chosen with who answers, named by the account's admins, shown to who decides."""

import pytest
from django.urls import reverse

from identity.accounts import Principal
from identity.people.models import Person
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.portal.api.calls import patch, place_of, read
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form


@pytest.fixture
def loader(bank: Bank) -> Principal:
    return factories.make_principal(bank.bi_account, "nightly-load", services=["glue.amazonaws.com"])


def test_an_admin_names_who_answers_and_is_told_what_is_wrong(
    bank: Bank, tom: Person, loader: Principal
) -> None:
    client, account = make_client(tom), bank.bi_account.account_id
    page, address = (
        reverse("local-groups", args=[account]),
        reverse("service-role-edit", args=[loader.pk]),
    )
    assert "No responsible person." in client.get(page).content.decode()
    for wrong in ("", "x", str(bank.ines.pk), "0", "9" * 30):
        answer = client.post(address, {"person": wrong})
        assert (answer.status_code, b"Choose someone from BI." in answer.content) == (422, True)
    done = client.post(address, {"person": bank.ana.pk}, follow=True)
    assert ">Ana Keller</a>." in done.content.decode()


def test_others_see_no_form_and_reach_none(bank: Bank, tom: Person, loader: Principal) -> None:
    account = bank.bi_account.account_id
    address = reverse("service-role-edit", args=[loader.pk])
    page = make_client(bank.greta).get(reverse("local-groups", args=[account])).content.decode()
    assert ("nightly-load" in page, address in page) == (True, False)
    for person in (bank.ana, bank.ines, bank.greta, bank.sam):
        assert make_client(person).post(address, {"person": person.pk}).status_code in {403, 404}
    assert Principal.objects.get(pk=loader.pk).owner is None


def test_the_form_and_the_review_say_who_answers(bank: Bank, loader: Principal) -> None:
    form = (
        make_client(bank.ana).get(f"{reverse('access-request-new')}?table={bank.claims.pk}").content.decode()
    )
    assert "nightly-load (service role; you become its responsible person) · BI</option>" in form
    make_client(bank.ana).post(
        f"{reverse('access-request-new')}?table={bank.claims.pk}",
        build_request_form(bank, principal=loader.pk),
    )
    item = submit_bank_item(bank, principal=loader, idempotency_key="form-2")
    page = make_client(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    for said in ("service role in BI", ">Ana Keller</a>.", "glue.amazonaws.com"):
        assert said in page


def test_the_api_lists_service_roles_and_names_who_answers(
    bank: Bank, tom: Person, loader: Principal
) -> None:
    address = f"service-roles/{loader.pk}"
    refused, answer = (
        patch(tom, address, {"responsible_person": email})
        for email in (bank.ines.email, bank.ana.email.upper())
    )
    assert place_of(refused) == "#/responsible_person"
    assert answer.json()["responsible_person"] == {"id": str(bank.ana.pk), "name": "Ana Keller", "url": None}
    account = bank.bi_account.account_id
    assert read(tom, "service-roles", account=account)["results"] == [answer.json()]
    assert make_client(bank.sam).get(f"/api/v1/service-roles?account={account}").status_code == 404
    assert make_client(bank.sam).get(f"/api/v1/{address}").status_code == 404
