"""The basket's page: filled from tables and products, nothing lost on the way, sent as a whole or not at all."""

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.mirror.models import Table
from requests_app.access_requests.models import AccessRequest
from requests_app.submission.basket import get_basket, list_basket_items
from requests_app.submission.models import BasketItem
from tests import factories
from tests.bank import Bank, approve, decide_ten_times, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form


def add_to_basket(bank: Bank, ana: Client, table: Table | None = None, **changes: object) -> HttpResponse:
    """By the form of a table's page."""
    said = build_request_form(bank, do="basket", **changes)
    return ana.post(f"{reverse('access-request-new')}?table={(table or bank.claims).pk}", said)  # type: ignore[return-value]


def get_basket_address(bank: Bank) -> str:
    return reverse("basket", args=[bank.bi.slug])


def build_basket_form(bank: Bank, **changes: object) -> dict[str, object]:
    said = build_request_form(bank, version=get_basket(bank.ana, bank.bi).version, do="send")
    return {name: said[name] for name in ("purpose", "ends_on", "principal", "version", "do")} | changes


def test_a_table_goes_in_with_what_was_typed_and_the_top_bar_counts_it(bank: Bank) -> None:
    ana = make_client(bank.ana)
    answer = add_to_basket(bank, ana, purpose="Longevity", columns=["iban"], ends_on="")
    assert answer["Location"] == get_basket_address(bank)
    assert [item.columns for item in list_basket_items(bank.ana, bank.bi)] == [["iban"]]
    assert AccessRequest.objects.count() == 0
    page = make_client(bank.ana).get(get_basket_address(bank)).content.decode()
    assert ">Longevity</textarea>" in page
    assert '<span class="count">1<span class="visually-hidden"> in the basket' in page
    assert "in the basket" not in make_client(bank.sam).get("/").content.decode()


def test_the_tables_form_shows_what_is_in_the_basket_and_asking_takes_it_out(bank: Bank) -> None:
    ana, address = make_client(bank.ana), f"{reverse('access-request-new')}?table={bank.claims.pk}"
    add_to_basket(bank, ana, columns=["iban"], row_filter="amount = '7'")
    answer = ana.get(address)
    assert [c.column.name for c in answer.context["picker"].page.rows if c.is_selected] == ["iban"]
    page = answer.content.decode()
    assert "This table is in your basket for BI" in page
    assert ">amount = &#x27;7&#x27;</textarea>" in page
    ana.post(address, build_request_form(bank))
    assert not BasketItem.objects.exists()


def test_what_does_not_stand_does_not_go_in(bank: Bank) -> None:
    wrong: list[tuple[dict[str, object], str]] = [
        ({"columns": []}, "Choose at least one column"),
        ({"row_filter": "amount ="}, "at character"),
    ]
    for changes, said in wrong:
        answer = add_to_basket(bank, make_client(bank.ana), None, **changes)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not BasketItem.objects.exists()


def test_a_whole_product_goes_in_without_a_column_until_some_are_chosen(bank: Bank) -> None:
    policies = factories.make_table(bank.claims.database, "policies")
    product = factories.make_product(bank.domain, bank.ines, [bank.claims, policies], name="Policies")
    ana = make_client(bank.ana)
    add_to_basket(bank, ana, columns=["iban"])
    answer = ana.post(reverse("add-to-basket", args=[product.slug]), follow=True)
    assert answer.redirect_chain == [(get_basket_address(bank), 302)]
    page = answer.content.decode()
    assert "1 table was added. Choose its columns before you send the request." in page
    assert "Of 1 table no column is chosen yet." in page
    assert "Choose at least one column" not in page
    assert "Request 1 table" in page
    kept = {item.table.name: item.columns for item in list_basket_items(bank.ana, bank.bi)}
    assert kept == {"claims": ["iban"], "policies": []}
    answer = ana.post(reverse("add-to-basket", args=[bank.product.slug]), follow=True)
    assert "Nothing was added: these tables are in your basket already." in answer.content.decode()
    sent = ana.post(get_basket_address(bank), build_basket_form(bank), follow=True)
    assert "No column of insurance_gold.policies is chosen." in sent.content.decode()
    assert [item.table for item in AccessRequest.objects.get().items.all()] == [bank.claims]
    assert [item.table for item in list_basket_items(bank.ana, bank.bi)] == [policies]


def test_an_earlier_purpose_is_kept_in_the_basket_and_sends_nothing(bank: Bank) -> None:
    ana = make_client(bank.ana)
    add_to_basket(bank, ana)
    ana.post(get_basket_address(bank), build_basket_form(bank, earlier_purpose="For the board"))
    assert get_basket(bank.ana, bank.bi).purpose == "For the board"
    assert not AccessRequest.objects.exists()


def test_the_page_says_who_decides_how_soon_and_what_is_left_off(bank: Bank) -> None:
    decide_ten_times(bank)
    approve(bank, submit_bank_item(bank))
    ana = make_client(bank.ana)
    add_to_basket(bank, ana)
    ana.post(
        get_basket_address(bank),
        build_basket_form(bank, do="keep", ends_on=f"{factories.days_from_now(90):%Y-%m-%d}"),
    )
    page = ana.get(get_basket_address(bank)).content.decode()
    assert "2 of 3 columns" in page
    assert "Without the sensitive column iban" in page
    assert ">Insurance</a> decides. Usually in 2 days (median of 11 decisions in 90 days)." in page
    assert "already has access" not in page
    early = build_basket_form(bank, do="keep", ends_on=f"{factories.days_from_now(9):%Y-%m-%d}")
    fragment = ana.post(get_basket_address(bank), early, headers={"HX-Request": "true"}).content.decode()
    assert "bi-reporting already has access to insurance_gold.claims" in fragment
    assert "<html" not in fragment
    assert '<div id="ask-button" hx-swap-oob="true"></div>' in fragment
    assert "There is nothing to request." in fragment


def test_all_of_it_is_one_request(bank: Bank) -> None:
    other = factories.make_table(bank.claims.database, "policies")
    ana = make_client(bank.ana)
    add_to_basket(bank, ana)
    add_to_basket(bank, ana, other, extent="whole")
    said = build_basket_form(bank)
    first, again = ana.post(get_basket_address(bank), said), ana.post(get_basket_address(bank), said)
    asked = AccessRequest.objects.get()
    assert first["Location"] == again["Location"] == reverse("access-request", args=[asked.pk])
    assert [item.whole_table for item in asked.items.order_by("pk")] == [False, True]
    assert "Your basket is empty" in ana.get(get_basket_address(bank)).content.decode()


def test_what_is_refused_is_said_at_its_table_and_nothing_is_sent(bank: Bank) -> None:
    other = factories.make_table(bank.claims.database, "policies")
    ana = make_client(bank.ana)
    add_to_basket(bank, ana)
    add_to_basket(bank, ana, other)
    other.columns.get(name="amount").delete()
    answer = ana.post(get_basket_address(bank), build_basket_form(bank))
    assert (answer.status_code, AccessRequest.objects.count()) == (422, 0)
    assert [row.entry.problem for row in answer.context["summary"].rows] == [
        "",
        "insurance_gold.policies has no column amount.",
    ]
    assert "Nothing was sent." in answer.content.decode()
    wrong: list[tuple[dict[str, object], str]] = [
        ({"purpose": "x"}, "Say in one sentence"),
        ({"version": 0}, "Your basket changed"),
    ]
    for changes, said in wrong:
        assert said in ana.post(get_basket_address(bank), build_basket_form(bank, **changes)).content.decode()


def test_taking_one_out_keeps_the_words(bank: Bank) -> None:
    ana = make_client(bank.ana)
    add_to_basket(bank, ana)
    add_to_basket(bank, ana, factories.make_table(bank.claims.database, "policies"))
    ana.post(
        get_basket_address(bank), build_basket_form(bank, remove=bank.claims.pk, purpose="For the board")
    )
    ana.post(get_basket_address(bank), build_basket_form(bank, remove="x", purpose="For the board"))
    assert [item.table.name for item in list_basket_items(bank.ana, bank.bi)] == ["policies"]
    assert get_basket(bank.ana, bank.bi).purpose == "For the board"


def test_another_teams_basket_is_not_there_and_a_stranger_is_told_what_is_missing(bank: Bank) -> None:
    sam = make_client(bank.sam)
    for slug in (bank.bi.slug, "no-such-team"):
        assert sam.get(reverse("basket", args=[slug])).status_code == 404
        assert sam.post(reverse("basket", args=[slug]), build_basket_form(bank)).status_code == 404
    assert "No role to grant access to" in sam.get(reverse("baskets")).content.decode()
    assert make_client(bank.ana).get(reverse("baskets"))["Location"] == get_basket_address(bank)
