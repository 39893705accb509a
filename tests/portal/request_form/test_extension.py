"""A later end is asked for like anything else, prefilled; what runs is not touched by it."""

import re
from datetime import timedelta
from html import unescape

from django.urls import reverse
from django.utils.html import escape

from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form
from tests.requests_app.targets.test_row_filters import build_items


def get_extension_address(bank: Bank, grant: Grant) -> str:
    return f"{reverse('access-request-new')}?table={bank.claims.pk}&extends={grant.pk}"


def test_the_form_holds_what_is_granted_and_a_later_end(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank, items=build_items(bank, "amount = '7'", ("iban",))))
    ana = make_client(bank.ana)
    for address in (reverse("grants"), reverse("access-request", args=[grant.item.request_id])):
        assert escape(get_extension_address(bank, grant)) in ana.get(address).content.decode()
    answer = ana.get(get_extension_address(bank, grant))
    assert [c.column.name for c in answer.context["picker"].page.rows if c.is_selected] == ["iban"]
    values = answer.context["form"].initial
    assert (values["row_filter"], values["purpose"]) == ("amount = '7'", "Quarterly reserve report")
    assert values["ends_on"] == (grant.ends_at + timedelta(days=90)).date()
    page = answer.content.decode()
    assert "You are requesting a later end" in page
    assert "Extend access to Claims" in page
    assert 'type="checkbox" name="columns"' not in page


def test_one_step_extends_it_with_what_the_page_holds(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank, items=build_items(bank, "amount = '7'", ("iban",))))
    ana, address = make_client(bank.ana), get_extension_address(bank, grant)
    page = ana.get(address).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    fields = {name: unescape(value) for name, value in fields.items()}
    later = f"{factories.days_from_now(120):%Y-%m-%d}"
    answer = ana.post(
        address, fields | {"purpose": "Quarterly reserve report", "ends_on": later, "do": "ask"}
    )
    item = RequestItem.objects.latest("pk")
    assert answer["Location"] == reverse("access-request", args=[item.request_id])
    assert (item.columns, item.row_filter, item.request.principal) == (
        ["iban"],
        "amount = '7'",
        grant.principal,
    )
    assert f"{item.ends_at:%Y-%m-%d}" == later
    refused = ana.post(address, fields | {"purpose": "", "ends_on": later, "idempotency_key": "again"})
    assert refused.status_code == 422
    assert "Say in one sentence" in refused.content.decode()


def test_the_running_grant_is_not_touched_and_the_owner_sees_what_it_is(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    before = Grant.objects.values().get()
    later = build_request_form(
        bank, ends_on=f"{factories.days_from_now(90):%Y-%m-%d}", idempotency_key="form-2"
    )
    make_client(bank.ana).post(get_extension_address(bank, grant), later)
    item = RequestItem.objects.latest("pk")
    assert Grant.objects.values().get() == before
    shown = make_client(bank.ines).get(reverse("review", args=[item.pk]))
    assert shown.context["review"].extends == grant
    assert "If you reject, it stays as it is." in shown.content.decode()
    longer = approve(bank, item)
    assert longer.ends_at > grant.ends_at
    assert Grant.objects.values().get(pk=grant.pk) == before


def test_only_who_may_ask_for_its_role_extends_a_live_grant(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    for person in (bank.ines, bank.greta, bank.sam):
        assert make_client(person).get(get_extension_address(bank, grant)).status_code == 404
    assert (
        get_extension_address(bank, grant)
        not in make_client(bank.ines)
        .get(reverse("data-product-access", args=[bank.product.slug]))
        .content.decode()
    )
    ana = make_client(bank.ana)
    assert ana.get(f"{reverse('access-request-new')}?table={bank.claims.pk}&extends=x").status_code == 404
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    for person in (bank.ines, bank.greta, bank.sam):
        assert make_client(person).get(get_extension_address(bank, grant)).status_code == 404
