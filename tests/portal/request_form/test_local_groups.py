"""On the pages: a local group is chosen like a role, the owner reads who is in it, its admins pass on what waits."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from identity.accounts import LocalGroup
from identity.people.models import Person
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.subgrants.models import Subgrant
from requests_app.submission.basket import get_basket
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form


@pytest.fixture
def key(bank: Bank, group: LocalGroup) -> str:
    return f"{factories.make_account_principal(bank.bi_account).pk}.{group.pk}"


def submit_item_as(bank: Bank, person: Person, group: LocalGroup) -> RequestItem:
    return submit_bank_item(
        bank, acting_user=person, principal=factories.make_account_principal(bank.bi_account), group=group
    )


def test_a_group_is_chosen_in_the_form_of_a_table_and_stays_chosen_next_time(bank: Bank, key: str) -> None:
    ana, address = make_client(bank.ana), f"{reverse('access-request-new')}?table={bank.claims.pk}"
    assert "Actuaries (local group) · BI</option>" in ana.get(address).content.decode()
    ana.post(address, build_request_form(bank, principal=key))
    asked = AccessRequest.objects.get()
    assert (str(asked.group), asked.principal.is_account) == ("Actuaries in BI", True)
    assert f'<option value="{key}" selected>' in ana.get(address).content.decode()


def test_a_basket_keeps_the_group_and_is_sent_for_it(bank: Bank, key: str) -> None:
    ana, page = make_client(bank.ana), reverse("basket", args=[bank.bi.slug])
    ana.post(
        f"{reverse('access-request-new')}?table={bank.claims.pk}",
        build_request_form(bank, do="basket", principal=key),
    )
    assert f'<option value="{key}" selected>' in ana.get(page).content.decode()
    said = build_request_form(bank, principal=key, version=get_basket(bank.ana, bank.bi).version)
    ana.post(page, said)
    asked = AccessRequest.objects.get()
    assert str(asked.group) == "Actuaries in BI"


@pytest.mark.parametrize("wrong", ["{0}.999999", "{0}.", ".{1}", "{0}.{1}.1", "{1}.{0}", "{0},{1}"])
def test_what_is_no_key_of_a_reader_is_refused_in_place(bank: Bank, key: str, wrong: str) -> None:
    said = build_request_form(bank, principal=wrong.format(*key.split(".")))
    answer = make_client(bank.ana).post(f"{reverse('access-request-new')}?table={bank.claims.pk}", said)
    assert (answer.status_code, AccessRequest.objects.count()) == (422, 0)
    assert "This role no longer exists or does not belong to your teams." in answer.content.decode()


def test_metadata_alone_is_refused_for_a_group_before_it_is_sent(bank: Bank, key: str) -> None:
    ahead = f"{reverse('access-request-preview')}?table={bank.claims.pk}"
    said = build_request_form(bank, principal=key, extent="metadata")
    assert (
        "You can&#x27;t request metadata only for a local group."
        in make_client(bank.ana).post(ahead, said).content.decode()
    )


def test_a_whole_database_is_not_asked_for_a_group(bank: Bank, key: str) -> None:
    page = (
        make_client(bank.ana)
        .get(f"{reverse('access-request-new')}?database={bank.claims.database_id}")
        .content.decode()
    )
    assert ("bi-reporting · BI</option>" in page, "Actuaries" in page) == (True, False)


def test_the_owner_reads_which_group_it_is_for_and_who_is_in_it(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    item = submit_item_as(bank, tom, group)
    page = make_client(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert "local group in BI" in page
    assert re.search(r"Current members of the local group:.*bi-reporting", page)


def submit_subgrant_form(client: Client, page: str) -> None:
    """What stands on the page with a button, up to the deed."""
    said = {name: re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("of", "see")}
    pair = said["of"][0]
    form = {"of": [pair], "see": [one for one in said["see"] if one.startswith(pair)]}
    account = AccessRequest.objects.get().principal.account.account_id
    plan = client.post(reverse("subgrants-plan", args=[account]), form).content.decode()
    (shown,) = re.findall(r'name="hash" value="(\w+)"', plan)
    client.post(reverse("subgrants-apply", args=[account]), {**form, "hash": shown})


def test_what_waits_for_an_admin_is_told_to_who_asked_and_passed_on_with_one_button(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    item = submit_item_as(bank, bank.ana, group)
    approve(bank, item)
    request, groups = (
        reverse("access-request", args=[item.request_id]),
        reverse("local-groups", args=[bank.bi_account.account_id]),
    )
    waits = "waits for an admin of BI to pass it on to the local group"
    told = make_client(bank.ana).get(request).content.decode()
    assert (waits in told, ">Active<" in told) == (True, False)
    page = make_client(tom).get(groups).content.decode()
    assert "Ana Keller requested 2 columns for the local group Actuaries." in page
    submit_subgrant_form(make_client(tom), page)
    assert Subgrant.objects.get().columns == ["amount", "claim_id"]
    assert waits not in make_client(bank.ana).get(request).content.decode()
    assert "Requested and not passed on yet" not in make_client(tom).get(groups).content.decode()
