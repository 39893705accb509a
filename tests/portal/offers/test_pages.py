"""Offers on pages: shown to who may ask, filled into the form, edited by the owners of the data alone."""

from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from catalog.products.offers.actions import withdraw_offer
from catalog.products.offers.models import Offer, OfferVersion, TermsAcceptance
from identity.accounts.models import Account
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.submission.basket import list_basket_items
from tests.bank import Bank, approve
from tests.offering import in_force
from tests.portal.conftest import signed_in
from tests.portal.request_form.test_pages import typed
from tests.requests_app.policy_setup import register


def ask_page(bank: Bank, version: OfferVersion) -> str:
    return f"{reverse('access-request-new')}?table={bank.claims.pk}&offer={version.pk}"


def words(bank: Bank, **changes: Any) -> dict[str, Any]:
    plain = {
        "name": "For reporting", "scope": "tables", "tables": [bank.claims.pk], "highest_class": "private",
        "uses": ["query"], "longest": "30", "unit": "days", "terms": "Name the source.",
    }  # fmt: skip
    return plain | changes


def test_the_owner_writes_looks_puts_in_force_and_withdraws(bank: Bank) -> None:
    ines, slug = signed_in(bank.ines), bank.product.slug
    assert "No offers" in ines.get(reverse("offers", args=[slug])).content.decode()
    assert ines.get(reverse("offer-new") + f"?data_product={slug}").status_code == 200
    said = words(bank, row_template="amount = {amount}", row_values="amount: '5', '7'")
    answer = ines.post(reverse("offer-new") + f"?data_product={slug}", said, follow=True)
    version = OfferVersion.objects.get()
    assert answer.redirect_chain == [(reverse("offer-version", args=[version.offer_id, version.number]), 302)]
    page = answer.content.decode()
    assert "Publish" in page
    assert '<span class="col not" dir="auto">iban</span>' in page
    ines.post(reverse("offer-version-publish", args=[version.offer_id, version.number]))
    assert "For reporting" in signed_in(bank.ana).get(reverse("data-product", args=[slug])).content.decode()
    form = ines.get(reverse("offer-edit", args=[version.offer_id])).content.decode()
    assert "amount: &#x27;5&#x27;, &#x27;7&#x27;" in form
    ines.post(reverse("offer-edit", args=[version.offer_id]), said | {"longest": "12", "unit": "hours"})
    assert [one.longest_hours for one in Offer.objects.get().versions.order_by("number")] == [720, 12]
    page = ines.get(reverse("offers", args=[slug])).content.decode()
    assert page.count("Retire<") == 2
    ines.post(reverse("offer-retire", args=[version.offer_id]))
    assert set(OfferVersion.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert "Offer again" in ines.get(reverse("offers", args=[slug])).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Give the offer a name"),
        ({"tables": []}, "Choose tables of this product"),
        ({"longest": "x"}, "Enter a whole number"),
        ({"longest": "9999"}, "Access can last from an hour"),
        ({"row_template": "amount = {amount}"}, "no values to choose from"),
        ({"scope": "tags"}, "Enter the LF-Tags"),
        ({"uses": []}, "Choose how the data can be used"),
    ],
)
def test_what_does_not_stand_is_said_in_the_form(bank: Bank, changes: dict[str, Any], said: str) -> None:
    answer = signed_in(bank.ines).post(
        reverse("offer-new") + f"?data_product={bank.product.slug}", words(bank, **changes)
    )
    assert (answer.status_code, Offer.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_the_editor_is_not_there_for_anybody_else(bank: Bank) -> None:
    version, slug = in_force(bank), bank.product.slug
    for person in (bank.ana, bank.sam, bank.greta):
        client = signed_in(person)
        for name, args in (
            ("offers", [slug]), ("offer-edit", [version.offer_id]),
            ("offer-version", [version.offer_id, version.number]),
        ):  # fmt: skip
            assert client.get(reverse(name, args=args)).status_code == 404, (person, name)
        client.post(reverse("offer-retire", args=[version.offer_id]))
    version.refresh_from_db()
    assert version.state == "in_force"


def test_an_offer_fills_in_the_form_and_is_asked_under(bank: Bank) -> None:
    values = {"amount": ["'5'", "'7'"]}
    version = in_force(bank, longest_hours=10 * 24, row_template="amount = {amount}", row_values=values)
    ana = signed_in(bank.ana)
    answer = ana.get(ask_page(bank, version))
    page = answer.content.decode()
    assert "Under the offer “For reporting”" in page
    assert 'value="iban" disabled' in page
    assert answer.context["form"]["ends_on"].value() == answer.context["last_day"]
    day = f"{answer.context['last_day']:%Y-%m-%d}"
    said = typed(bank, offer=version.pk, use="query", ends_on=day) | {"rows-amount": ["'7'"]}
    refused = ana.post(ask_page(bank, version), said)
    assert "Read and accept the terms of use of" in refused.content.decode()
    assert refused.context["under"].choices[0].values[1].is_picked
    ana.post(ask_page(bank, version), said | {"accept": version.terms_id})
    item = Item.objects.get()
    assert (item.offer, item.use, item.row_rule) == (version, "query", "amount = '7'")
    page = signed_in(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert "For reporting, version 1" in page
    assert "Terms of use, version 1: accepted" in page
    grant = approve(bank, item)
    longer = ana.get(f"{reverse('access-request-new')}?table={bank.claims.pk}&extends={grant.pk}")
    assert longer.context["under"].offer.version == version
    assert longer.context["form"]["ends_on"].value() == longer.context["last_day"]


def test_of_sensitive_columns_that_are_closed_nothing_is_said(bank: Bank) -> None:
    ana, hint = signed_in(bank.ana), "Sensitive columns are not selected by default."
    assert hint not in ana.get(ask_page(bank, in_force(bank))).content.decode()
    assert hint in ana.get(f"{reverse('access-request-new')}?table={bank.claims.pk}").content.decode()


def test_an_offer_that_says_yes_tells_it_ahead_and_after(bank: Bank) -> None:
    register(bank)
    offer, ana = in_force(bank, automatic=True, terms=""), signed_in(bank.ana)
    said = "Approved automatically, under the offer “For reporting”."
    shown = ana.get(reverse("data-product", args=[bank.product.slug])).content.decode()
    assert "At once, unless a policy requires more: Ines Roth approved in advance." in shown
    assert said in ana.get(ask_page(bank, offer)).content.decode()
    kept = typed(bank) | {"offer": offer.pk, "use": "query", "do": "basket"}
    assert "approved in advance" in ana.post(ask_page(bank, offer), kept, follow=True).content.decode()
    beyond = typed(bank) | {"offer": offer.pk, "use": "training"}
    assert (
        "You can&#x27;t request this"
        in ana.post(f"{reverse('access-request-preview')}?table={bank.claims.pk}", beyond).content.decode()
    )
    page = ana.post(ask_page(bank, offer), beyond | {"use": "query"}, follow=True).content.decode()
    assert "Approved under an offer that Ines Roth published" in page
    review = signed_in(bank.ines).get(reverse("review", args=[Item.objects.get().pk])).content.decode()
    assert said in review


def test_rows_that_are_not_chosen_are_asked_for(bank: Bank) -> None:
    version = in_force(
        bank, row_template="amount = {amount}", row_values={"amount": ["'5'", "'7'"]}, terms=""
    )
    said = typed(bank, offer=version.pk, use="query")
    for rows in ([], ["'9'"], ["'5' OR 1 = 1"]):
        answer = signed_in(bank.ana).post(ask_page(bank, version), said | {"rows-amount": rows})
        assert answer.status_code == 422
    assert not AccessRequest.objects.exists()


def test_an_offer_that_is_gone_or_nonsense_is_told(bank: Bank) -> None:
    version, ana = in_force(bank), signed_in(bank.ana)
    for nonsense in ("x", "0", "9" * 30):
        assert (
            ana.get(f"{reverse('access-request-new')}?table={bank.claims.pk}&offer={nonsense}").status_code
            == 404
        )
    withdraw_offer(acting_user=bank.ines, offer_id=version.offer_id, now=clock.now())
    assert "The offer is retired." in ana.get(ask_page(bank, version)).content.decode()
    said = typed(bank, offer=version.pk, use="query", accept=version.terms_id)
    answer = ana.post(ask_page(bank, version), said)
    assert "changed or retired after you opened it" in answer.content.decode()
    assert not TermsAcceptance.objects.exists()


def test_a_basket_shows_the_offer_and_takes_the_terms(bank: Bank) -> None:
    version, ana = in_force(bank), signed_in(bank.ana)
    ana.post(ask_page(bank, version), typed(bank, offer=version.pk, use="query", do="basket"))
    (row,) = list_basket_items(bank.ana, bank.bi)
    assert (row.offer, row.use) == (version, "query")
    basket = reverse("basket", args=[bank.bi.slug])
    page = ana.get(basket).content.decode()
    assert "Under the offer “For reporting”" in page
    assert f'name="accept" value="{version.terms_id}" form="send"' in page
    said = typed(bank, version=row.basket.version, do="send")
    assert ana.post(basket, said).status_code == 422
    assert ana.post(basket, said | {"accept": version.terms_id}).status_code == 302
    assert Item.objects.get().offer == version


def test_a_role_in_another_region_is_told_of_the_link(bank: Bank) -> None:
    address = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    assert "queries cross regions" not in signed_in(bank.ana).get(address).content.decode()
    Account.objects.filter(pk=bank.bi_account.pk).update(region="eu-west-1")
    assert "The data is in eu-central-1." in signed_in(bank.ana).get(address).content.decode()
