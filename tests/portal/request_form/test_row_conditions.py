"""The builder of row filters on the request form: it adds a condition, keeps the form and requests nothing."""

from typing import Any

from django.urls import reverse

from requests_app.access_requests.models import RequestItem
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form


def add_condition(bank: Bank, *, htmx: bool = False, **said: object) -> Any:
    url = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    form = build_request_form(
        bank, do="add-condition", condition_column="claim_id", condition_operator="=", **said
    )
    return make_client(bank.ana).post(url, form, headers={"HX-Request": "true"} if htmx else {})


def test_a_condition_is_added_and_the_form_is_kept(bank: Bank) -> None:
    answer = add_condition(
        bank, condition_value="7", row_filter="claim_id <> '1'", purpose="Reserves", columns=["amount"]
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "claim_id &lt;&gt; &#x27;1&#x27; AND claim_id = &#x27;7&#x27;" in page
    assert "Reserves" in page
    assert [choice.column.name for choice in answer.context["picker"].page.rows if choice.is_selected] == [
        "amount"
    ]
    assert answer.context["form"]["principal"].value() == str(bank.role.pk)
    assert not RequestItem.objects.exists()


def test_an_incomplete_form_gets_its_condition_without_other_errors(bank: Bank) -> None:
    page = add_condition(bank, condition_value="7", purpose="", columns=[]).content.decode()
    assert "claim_id = &#x27;7&#x27;" in page
    assert "Say in one sentence" not in page


def test_a_value_that_does_not_fit_is_refused_in_place(bank: Bank) -> None:
    page = add_condition(bank, condition_value=" ", row_filter="amount > 5").content.decode()
    assert "Not added: a value is missing." in page
    assert ">amount &gt; 5</textarea>" in page


def test_an_unreadable_row_filter_is_kept(bank: Bank) -> None:
    page = add_condition(bank, condition_value="7", row_filter="amount >").content.decode()
    assert ">amount &gt;</textarea>" in page
    assert "Not added:" in page


def test_htmx_receives_the_row_filter_only(bank: Bank) -> None:
    page = add_condition(bank, htmx=True, condition_value="7").content.decode()
    assert page.lstrip().startswith('<div class="stack" id="row-filter">')
    assert "claim_id = &#x27;7&#x27;" in page


def test_columns_name_the_roles_that_can_read_them(bank: Bank) -> None:
    url = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    assert "readable by" not in make_client(bank.ana).get(url).content.decode()
    approve(bank, submit_bank_item(bank))
    columns = make_client(bank.ana).get(url).context["picker"].page.rows
    assert {choice.column.name: choice.holders for choice in columns} == {
        "claim_id": ("bi-reporting",),
        "amount": ("bi-reporting",),
        "iban": (),
    }
