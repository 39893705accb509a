"""Offers on pages: shown to who may ask, filled into the form, edited by the owners of the data alone."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.products.offers.actions import retire_offer
from catalog.products.offers.models import Offer, OfferVersion, TermsAcceptance
from identity.accounts import Account
from kernel import clock
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.submission.basket import list_basket_items
from tests.bank import Bank, approve
from tests.html import squeeze
from tests.offers import publish_draft
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form
from tests.requests_app.policy_setup import register_location


def get_request_address(bank: Bank, version: OfferVersion) -> str:
    return f"{reverse('access-request-new')}?table={bank.claims.pk}&offer={version.pk}"


def build_offer_form(bank: Bank, **changes: Any) -> dict[str, Any]:
    plain = {
        "name": "For reporting", "scope": "tables", "tables": [bank.claims.pk], "highest_class": "private",
        "uses": ["query"], "longest": "30", "unit": "days", "terms": "Name the source.",
    }  # fmt: skip
    return plain | changes


def test_the_owner_writes_looks_puts_in_force_and_withdraws(bank: Bank) -> None:
    ines, slug = make_client(bank.ines), bank.product.slug
    assert "No offers" in ines.get(reverse("offers", args=[slug])).content.decode()
    assert ines.get(reverse("offer-new") + f"?data_product={slug}").status_code == 200
    said = build_offer_form(bank, row_template="amount = {amount}", row_values="amount: '5', '7'")
    answer = ines.post(reverse("offer-new") + f"?data_product={slug}", said, follow=True)
    version = OfferVersion.objects.get()
    assert answer.redirect_chain == [(reverse("offer-version", args=[version.offer_id, version.number]), 302)]
    page = answer.content.decode()
    assert "Publish" in page
    assert '<span class="column-name not" dir="auto">iban</span>' in page
    ines.post(reverse("offer-version-publish", args=[version.offer_id, version.number]))
    assert "For reporting" in make_client(bank.ana).get(reverse("data-product", args=[slug])).content.decode()
    form = ines.get(reverse("offer-edit", args=[version.offer_id])).content.decode()
    assert "amount: &#x27;5&#x27;, &#x27;7&#x27;" in form
    ines.post(reverse("offer-edit", args=[version.offer_id]), said | {"longest": "12", "unit": "hours"})
    assert [one.longest_hours for one in Offer.objects.get().versions.order_by("number")] == [720, 12]
    page = ines.get(reverse("offers", args=[slug])).content.decode()
    assert squeeze(page).count("Retire<") == 2
    ines.post(reverse("offer-retire", args=[version.offer_id]))
    assert set(OfferVersion.objects.values_list("state", flat=True)) == {"retired"}
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
    answer = make_client(bank.ines).post(
        reverse("offer-new") + f"?data_product={bank.product.slug}", build_offer_form(bank, **changes)
    )
    assert (answer.status_code, Offer.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_the_editor_is_not_there_for_anybody_else(bank: Bank) -> None:
    version, slug = publish_draft(bank), bank.product.slug
    for person in (bank.ana, bank.sam, bank.greta):
        client = make_client(person)
        for name, args in (
            ("offers", [slug]), ("offer-edit", [version.offer_id]),
            ("offer-version", [version.offer_id, version.number]),
        ):  # fmt: skip
            assert client.get(reverse(name, args=args)).status_code == 404, (person, name)
        client.post(reverse("offer-retire", args=[version.offer_id]))
    version.refresh_from_db()
    assert version.state == "published"


def test_an_offer_fills_in_the_form_and_is_asked_under(bank: Bank) -> None:
    values = {"amount": ["'5'", "'7'"]}
    version = publish_draft(bank, longest_hours=10 * 24, row_template="amount = {amount}", row_values=values)
    ana = make_client(bank.ana)
    answer = ana.get(get_request_address(bank, version))
    page = answer.content.decode()
    assert "Under the offer “For reporting”" in page
    assert 'value="iban" disabled' in page
    assert answer.context["form"]["ends_on"].value() == answer.context["last_day"]
    day = f"{answer.context['last_day']:%Y-%m-%d}"
    said = build_request_form(bank, offer=version.pk, use="query", ends_on=day) | {"rows-amount": ["'7'"]}
    refused = ana.post(get_request_address(bank, version), said)
    assert "Read and accept the terms of use of" in refused.content.decode()
    assert refused.context["constraints"].row_choices[0].values[1].is_selected
    ana.post(get_request_address(bank, version), said | {"accept": version.terms_id})
    item = RequestItem.objects.get()
    assert (item.offer, item.use, item.row_filter) == (version, "query", "amount = '7'")
    page = make_client(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert "For reporting, version 1" in page
    assert "Terms of use, version 1: accepted" in page
    grant = approve(bank, item)
    longer = ana.get(f"{reverse('access-request-new')}?table={bank.claims.pk}&extends={grant.pk}")
    assert longer.context["constraints"].offer.version == version
    assert longer.context["form"]["ends_on"].value() == longer.context["last_day"]


def test_of_sensitive_columns_that_are_closed_nothing_is_said(bank: Bank) -> None:
    ana, hint = make_client(bank.ana), "You are requesting sensitive columns."
    assert hint not in ana.get(get_request_address(bank, publish_draft(bank))).content.decode()
    assert hint in ana.get(f"{reverse('access-request-new')}?table={bank.claims.pk}").content.decode()


def test_an_offer_that_says_yes_tells_it_ahead_and_after(bank: Bank) -> None:
    register_location(bank)
    offer, ana = publish_draft(bank, automatic=True, terms=""), make_client(bank.ana)
    said = "Approved automatically, under the offer “For reporting”."
    shown = ana.get(reverse("data-product", args=[bank.product.slug])).content.decode()
    assert "At once, unless a policy requires more: Ines Roth approved in advance." in shown
    assert said in ana.get(get_request_address(bank, offer)).content.decode()
    kept = build_request_form(bank) | {"offer": offer.pk, "use": "query", "do": "basket"}
    assert (
        "approved in advance"
        in ana.post(get_request_address(bank, offer), kept, follow=True).content.decode()
    )
    beyond = build_request_form(bank) | {"offer": offer.pk, "use": "training"}
    assert (
        "You can&#x27;t request this"
        in ana.post(f"{reverse('access-request-preview')}?table={bank.claims.pk}", beyond).content.decode()
    )
    page = ana.post(get_request_address(bank, offer), beyond | {"use": "query"}, follow=True).content.decode()
    assert "Approved under an offer that Ines Roth published" in page
    review = (
        make_client(bank.ines).get(reverse("review", args=[RequestItem.objects.get().pk])).content.decode()
    )
    assert said in review


def test_rows_that_are_not_chosen_are_asked_for(bank: Bank) -> None:
    version = publish_draft(
        bank, row_template="amount = {amount}", row_values={"amount": ["'5'", "'7'"]}, terms=""
    )
    said = build_request_form(bank, offer=version.pk, use="query")
    for rows in ([], ["'9'"], ["'5' OR 1 = 1"]):
        answer = make_client(bank.ana).post(get_request_address(bank, version), said | {"rows-amount": rows})
        assert answer.status_code == 422
    assert not AccessRequest.objects.exists()


def test_an_offer_that_is_gone_or_nonsense_is_told(bank: Bank) -> None:
    version, ana = publish_draft(bank), make_client(bank.ana)
    for nonsense in ("x", "0", "9" * 30):
        assert (
            ana.get(f"{reverse('access-request-new')}?table={bank.claims.pk}&offer={nonsense}").status_code
            == 404
        )
    retire_offer(acting_user=bank.ines, offer_id=version.offer_id, now=clock.now())
    assert "The offer is retired." in ana.get(get_request_address(bank, version)).content.decode()
    said = build_request_form(bank, offer=version.pk, use="query", accept=version.terms_id)
    answer = ana.post(get_request_address(bank, version), said)
    assert "changed or retired after you opened it" in answer.content.decode()
    assert not TermsAcceptance.objects.exists()


def test_a_basket_shows_the_offer_and_takes_the_terms(bank: Bank) -> None:
    version, ana = publish_draft(bank), make_client(bank.ana)
    ana.post(
        get_request_address(bank, version),
        build_request_form(bank, offer=version.pk, use="query", do="basket"),
    )
    (row,) = list_basket_items(bank.ana, bank.bi)
    assert (row.offer, row.use) == (version, "query")
    basket = reverse("basket", args=[bank.bi.slug])
    page = ana.get(basket).content.decode()
    assert "Under the offer “For reporting”" in page
    assert f'name="accept" value="{version.terms_id}" form="send"' in page
    said = build_request_form(bank, version=row.basket.version, do="send")
    assert ana.post(basket, said).status_code == 422
    assert ana.post(basket, said | {"accept": version.terms_id}).status_code == 302
    assert RequestItem.objects.get().offer == version


def test_a_role_in_another_region_is_told_of_the_link(bank: Bank) -> None:
    address = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    assert "queries cross regions" not in make_client(bank.ana).get(address).content.decode()
    Account.objects.filter(pk=bank.bi_account.pk).update(region="eu-west-1")
    assert "The data is in eu-central-1." in make_client(bank.ana).get(address).content.decode()
