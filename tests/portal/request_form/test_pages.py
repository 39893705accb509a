"""The request form: prefilled, columns picked, errors in place, nothing typed is lost."""

import re
from html import unescape

from django.urls import reverse

from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.queries import list_earlier_purposes
from tests import factories
from tests.bank import Bank, approve, decide_ten_times, submit_bank_item
from tests.portal.conftest import make_client


def build_request_form(bank: Bank, **changes: object) -> dict[str, object]:
    return {
        "purpose": "Quarterly reserve report",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
        "principal": bank.role.pk,
        "columns": ["claim_id", "amount"],
        "idempotency_key": "form-1",
    } | changes


def test_the_form_is_prefilled_and_no_column_is_selected(bank: Bank) -> None:
    answer = make_client(bank.ana).get(f"{reverse('access-request-new')}?table={bank.claims.pk}")
    picked = {choice.column.name: choice.is_selected for choice in answer.context["picker"].page.rows}
    assert picked == {"claim_id": False, "amount": False, "iban": False}
    ahead = answer.context["preview"]
    assert (ahead.is_unfinished, ahead.decision.names) == (True, ("Ines Roth", "Ivo Lang"))
    page = answer.content.decode()
    assert re.search(r'<textarea[^>]*id="id_purpose"[^>]* autofocus', page)
    assert "It is due within 24 hours." in page
    assert "send this" not in page
    assert answer.context["form"].initial["principal"] == str(bank.role.pk)
    assert len(answer.context["form"].form_key) == 32


def test_the_preview_says_who_decides_and_how_soon(bank: Bank) -> None:
    decide_ten_times(bank)
    page = read_preview(bank)
    assert "Ines Roth or Ivo Lang decides." in page
    assert "Usually in 2 days (median of 10 decisions in 90 days)." in page
    assert "data-impossible" not in page


def test_the_preview_marks_what_is_impossible_and_says_why(bank: Bank) -> None:
    page = read_preview(bank, columns=[])
    assert "data-impossible" in page
    assert "Choose at least one column" in page
    assert ("send this" in page, "Ines Roth or Ivo Lang decides." in page) == (False, True)
    approve(bank, submit_bank_item(bank))
    page = read_preview(bank, ends_on=f"{factories.days_from_now(9):%Y-%m-%d}")
    assert "data-impossible" in page
    assert "already has access" in page


def read_preview(bank: Bank, **changes: object) -> str:
    address = f"{reverse('access-request-preview')}?table={bank.claims.pk}"
    return make_client(bank.ana).post(address, build_request_form(bank, **changes)).content.decode()


def test_asking_leads_to_the_request(bank: Bank) -> None:
    answer = make_client(bank.ana).post(
        f"{reverse('access-request-new')}?table={bank.claims.pk}", build_request_form(bank)
    )
    asked = AccessRequest.objects.get()
    assert answer["Location"] == reverse("access-request", args=[asked.pk])
    assert asked.items.get().columns == ["claim_id", "amount"]
    assert asked.items.get().product == bank.product
    assert (asked.ends_at.hour, asked.ends_at.minute) == (23, 59)


def test_a_request_from_the_page_of_a_product_is_for_that_product(bank: Bank) -> None:
    other = factories.make_product(bank.domain, bank.ines, [bank.claims], "A history of claims")
    ana = make_client(bank.ana)
    for number, product in enumerate((bank.product, other)):
        page = ana.get(reverse("data-product", args=[product.slug])).content.decode()
        address = f"{reverse('access-request-new')}?table={bank.claims.pk}&amp;data_product={product.slug}"
        assert address in page
        form = build_request_form(
            bank,
            data_product=product.slug,
            idempotency_key=f"form-{number}",
            columns=[("claim_id", "amount")[number]],
        )
        ana.post(f"{reverse('access-request-new')}?table={bank.claims.pk}", form)
        assert RequestItem.objects.latest("pk").product == product


def test_sent_twice_it_is_one_request(bank: Bank) -> None:
    ana, address = make_client(bank.ana), f"{reverse('access-request-new')}?table={bank.claims.pk}"
    first, second = ana.post(address, build_request_form(bank)), ana.post(address, build_request_form(bank))
    assert first["Location"] == second["Location"]
    assert AccessRequest.objects.count() == 1


def test_after_going_back_another_ask_is_not_swallowed(bank: Bank) -> None:
    """The browser brings the form back with its old key; what is changed in it is another ask."""
    ana, address = make_client(bank.ana), f"{reverse('access-request-new')}?table={bank.claims.pk}"
    ana.post(address, build_request_form(bank))
    again = ana.post(address, build_request_form(bank, columns=["iban"]))
    assert (again.status_code, AccessRequest.objects.count()) == (422, 1)
    key = again.context["form"].form_key
    assert key != "form-1"
    assert f'value="{key}"' in again.content.decode()
    sent = ana.post(address, build_request_form(bank, columns=["iban"], idempotency_key=key))
    assert (sent.status_code, AccessRequest.objects.count()) == (302, 2)


def test_what_is_wrong_is_said_in_place_and_nothing_is_lost(bank: Bank) -> None:
    wrong: list[tuple[dict[str, object], str]] = [
        ({"purpose": ""}, "Say in one sentence what you need the data for."),
        ({"purpose": "short"}, "Say in one sentence what you need the data for."),
        ({"ends_on": "2020-01-01"}, "The end date is in the past."),
        ({"ends_on": "2999-01-01"}, "at most 365 days"),
        ({"ends_on": "someday"}, "Enter a valid date."),
        ({"principal": 987654}, "This role no longer exists or does not belong to your teams."),
        ({"columns": []}, "Choose at least one column"),
        ({"columns": ["claim_id", "vanished"]}, "has no column vanished"),
    ]
    for changes, message in wrong:
        said = build_request_form(bank, **changes)
        answer = make_client(bank.ana).post(f"{reverse('access-request-new')}?table={bank.claims.pk}", said)
        assert answer.status_code == 422, changes
        assert message in answer.content.decode(), changes
        assert str(said["idempotency_key"]) in answer.content.decode()
        assert str(said["purpose"]) in answer.content.decode()
        picked = [choice.column.name for choice in answer.context["picker"].page.rows if choice.is_selected]
        assert picked == [name for name in ("claim_id", "amount") if name in said["columns"]]  # type: ignore[operator]
    assert RequestItem.objects.count() == 0


def test_a_person_without_a_role_is_told_so(bank: Bank) -> None:
    page = (
        make_client(bank.sam).get(f"{reverse('access-request-new')}?table={bank.claims.pk}").content.decode()
    )
    assert "No role to grant access to" in page
    assert "<textarea" not in page


def test_what_waits_already_is_pointed_out(bank: Bank) -> None:
    ana, address = make_client(bank.ana), f"{reverse('access-request-new')}?table={bank.claims.pk}"
    assert "That request waits for a decision" not in ana.get(address).content.decode()
    ana.post(address, build_request_form(bank))
    page = ana.get(address).content.decode()
    assert "Ana Keller requested insurance_gold.claims for bi-reporting on" in page


def test_the_form_gets_its_preview_from_the_address_it_names(bank: Bank) -> None:
    ana, address = make_client(bank.ana), f"{reverse('access-request-new')}?table={bank.claims.pk}"
    named = re.search(r'hx-post="([^"]*/preview/[^"]*)"', ana.get(address).content.decode())
    assert named is not None
    preview = ana.post(unescape(named[1]), build_request_form(bank), headers={"HX-Request": "true"})
    assert (preview.status_code, AccessRequest.objects.exists()) == (200, False)


def test_earlier_purposes_of_the_person_and_the_team_are_offered_and_taken_over(bank: Bank) -> None:
    submit_bank_item(bank)
    address, ana = f"{reverse('access-request-new')}?table={bank.claims.pk}", make_client(bank.ana)
    assert ana.get(address).context["earlier_purposes"] == ["Quarterly reserve report"]
    assert not list_earlier_purposes(bank.sam)
    form = build_request_form(
        bank, purpose="x", columns=["amount"], earlier_purpose="Quarterly reserve report"
    )
    answer = ana.post(address, form)
    assert answer.status_code == 200
    assert answer.context["form"]["purpose"].value() == "Quarterly reserve report"
    assert [c.column.name for c in answer.context["picker"].page.rows if c.is_selected] == ["amount"]
    assert RequestItem.objects.count() == 1
