"""What rules demand, on the pages: shown before sending, refused in place, and read by who decides."""

from typing import Any

import pytest
from django.urls import reverse

from kernel import clock
from portal.request_form.required_information import build_required_fields
from requests_app.access_requests.models import RequestItem
from requests_app.policy_engine.rules import (
    RequiredField,
    RequiredInformation,
    compute_text_digest,
)
from requests_app.review.comments import request_changes
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.request_form.test_required_information_api import DEMANDING, TEXT, TICKET
from tests.requests_app.lf_tags_request import assign_tags
from tests.requests_app.policy_setup import publish_rules

ANSWERS: dict[str, Any] = {"answer-ticket": "CHG-7", "agree": compute_text_digest(TEXT)}


def build_form(bank: Bank, **more: Any) -> dict[str, Any]:
    return {
        "purpose": "Quarterly reserve report", "ends_on": factories.days_from_now(30).date(), "extent": "columns",
        "principal": bank.role.pk, "columns": ["claim_id"], "idempotency_key": "k-1", **more,
    }  # fmt: skip


def return_claims_item(bank: Bank) -> RequestItem:
    item = submit_bank_item(bank)
    request_changes(
        acting_user=bank.ines, item_id=item.pk, comment="Rather fewer.", idempotency_key="k", now=clock.now()
    )
    return item


def test_the_form_shows_what_is_demanded_and_refuses_without_it_in_place(bank: Bank) -> None:
    publish_rules(bank, DEMANDING)
    ana, address = make_client(bank.ana), f"{reverse('access-request-new')}?table={bank.claims.pk}"
    preview = f"{reverse('access-request-preview')}?table={bank.claims.pk}"
    page = ana.post(preview, build_form(bank)).content.decode()
    assert 'name="answer-ticket"' in page
    assert TEXT in page
    refused = ana.post(address, build_form(bank, **{"answer-ticket": "seven"}))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "This does not have the format that the policy requires." in page
    assert "A policy requires you to read and accept this." in page
    assert 'value="seven"' in page
    assert not RequestItem.objects.exists()
    assert ana.post(address, build_form(bank, **ANSWERS)).status_code == 302
    review = (
        make_client(bank.ines).get(reverse("review", args=[RequestItem.objects.get().pk])).content.decode()
    )
    assert '<dt>Change ticket</dt><dd dir="auto">CHG-7</dd>' in review
    assert TEXT in review


def test_fields_come_and_go_with_the_choice_and_stay_while_nothing_changes(bank: Bank) -> None:
    publish_rules(bank, {**DEMANDING, "when": {"classification": "sensitive"}})
    ana, address = make_client(bank.ana), f"{reverse('access-request-preview')}?table={bank.claims.pk}"
    assert 'name="answer-ticket"' not in ana.post(address, build_form(bank, demanded="")).content.decode()
    with_iban = build_form(bank, columns=["iban"], demanded="")
    shown = ana.post(address, with_iban)
    assert 'hx-swap-oob="innerHTML"' in shown.content.decode()
    mark = shown.context["changed_required_fields"].digest
    assert "hx-swap-oob" not in ana.post(address, with_iban | {"demanded": mark}).content.decode()
    assert "hx-swap-oob" in ana.post(address, build_form(bank, demanded=mark)).content.decode()


def test_a_basket_is_sent_with_what_is_demanded_for_all_of_it(bank: Bank) -> None:
    publish_rules(bank, DEMANDING)
    ana, address = make_client(bank.ana), reverse("basket", args=[bank.bi.slug])
    ana.post(f"{reverse('access-request-new')}?table={bank.claims.pk}", build_form(bank, do="basket"))
    shown = ana.get(address).content.decode()
    assert 'name="answer-ticket"' in shown
    assert TEXT in shown
    sent = build_form(bank, version=1, do="send")
    refused = ana.post(address, sent)
    assert refused.status_code == 422
    assert 'name="answer-ticket"' in refused.content.decode()
    assert ana.post(address, sent | ANSWERS).status_code == 302
    assert RequestItem.objects.get().answers == {"ticket": "CHG-7"}


def test_a_baskets_fields_follow_the_words_and_keep_what_was_typed(bank: Bank) -> None:
    publish_rules(bank, {**DEMANDING, "when": {"purpose": "audit"}})
    ana, address = make_client(bank.ana), reverse("basket", args=[bank.bi.slug])
    ana.post(f"{reverse('access-request-new')}?table={bank.claims.pk}", build_form(bank, do="basket"))
    assert 'name="answer-ticket"' not in ana.get(address).content.decode()

    def kept(**said: Any) -> str:
        form = build_form(bank, version=1, do="keep", **said)
        return ana.post(address, form, headers={"HX-Request": "true"}).content.decode()

    page = kept(purpose="For the audit", demanded="", **{"answer-ticket": "CHG-7"})
    assert '<div id="demands" hx-swap-oob="innerHTML">' in page
    assert 'value="CHG-7"' in page
    mark = build_required_fields(bank.ana, RequiredInformation((RequiredField(**TICKET),), (TEXT,))).digest
    assert 'id="demands"' not in kept(purpose="For the audit", demanded=mark)
    assert 'id="demands"' in kept(demanded=mark)


@pytest.mark.parametrize("way", ["database", "tags"])
def test_asks_that_reach_many_tables_show_what_is_demanded_before_they_are_sent(bank: Bank, way: str) -> None:
    publish_rules(bank, DEMANDING)
    if way == "tags":
        assign_tags(bank.claims, {"tier": "gold"})
    addresses = {
        "database": f"{reverse('access-request-new')}?database={bank.claims.database_id}",
        "tags": f"{reverse('access-request-new')}?tag=tier%3Dgold",
    }
    ana = make_client(bank.ana)
    page = ana.get(addresses[way])
    assert 'name="answer-ticket"' in page.content.decode()
    assert TEXT in page.content.decode()
    form = build_form(bank, later="columns", members_hash=page.context["target"].members_hash)
    assert "hx-swap-oob" in ana.post(addresses[way], form | {"do": "ahead", "demanded": ""}).content.decode()
    shown = {"do": "ahead", "demanded": page.context["required_fields"].digest}
    assert "hx-swap-oob" not in ana.post(addresses[way], form | shown).content.decode()
    assert ana.post(addresses[way], form).status_code == 422
    assert ana.post(addresses[way], form | ANSWERS).status_code == 302
    assert RequestItem.objects.get().answers == {"ticket": "CHG-7"}


def test_what_comes_later_of_a_database_changes_what_is_demanded(bank: Bank) -> None:
    publish_rules(bank, {**DEMANDING, "when": {"extent": "database"}})
    ana, address = (
        make_client(bank.ana),
        f"{reverse('access-request-new')}?database={bank.claims.database_id}",
    )
    form = build_form(bank, do="ahead", demanded="")
    assert "answer-ticket" not in ana.post(address, form | {"later": "columns"}).content.decode()
    assert "answer-ticket" in ana.post(address, form | {"later": "tables"}).content.decode()


def test_what_came_back_is_answered_on_its_page(bank: Bank) -> None:
    item = submit_bank_item(bank)
    publish_rules(bank, DEMANDING, everywhere=True)
    ana, address = make_client(bank.ana), reverse("request-item-resubmit", args=[item.pk])
    page = ana.get(address).content.decode()
    assert "A newly published policy requires: Change ticket, a text to be accepted." in page
    same = {"extent": "columns", "columns": item.columns, "ends_on": item.ends_at.date(), "comment": ""}
    assert ana.post(address, same | {"answer-ticket": "7"}).status_code == 422
    assert ana.post(address, same | ANSWERS).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.answers) == ("submitted", {"ticket": "CHG-7"})


def test_what_a_change_would_have_to_say_is_shown_before_it_is_sent(bank: Bank) -> None:
    item = return_claims_item(bank)
    publish_rules(bank, {**DEMANDING, "when": {"classification": "sensitive"}})
    ana, address = make_client(bank.ana), reverse("request-item-resubmit", args=[item.pk])
    page = ana.get(address).content.decode()
    assert "What will happen" in page
    assert "answer-ticket" not in page
    form = {
        "extent": "columns",
        "columns": ["iban"],
        "ends_on": item.ends_at.date(),
        "do": "ahead",
        "demanded": "",
    }
    shown = ana.post(address, form)
    assert 'name="answer-ticket"' in shown.content.decode()
    assert (
        "hx-swap-oob"
        not in ana.post(
            address, form | {"demanded": shown.context["changed_required_fields"].digest}
        ).content.decode()
    )
    assert "hx-swap-oob" not in ana.post(address, form | {"columns": item.columns}).content.decode()
    item.refresh_from_db()
    assert (item.state, item.columns) == ("returned", ["claim_id", "amount"])


def test_a_change_that_cannot_be_asked_for_is_told_before_it_is_sent(bank: Bank) -> None:
    item = return_claims_item(bank)
    ana, address = make_client(bank.ana), reverse("request-item-resubmit", args=[item.pk])
    form = {"extent": "columns", "columns": [], "ends_on": item.ends_at.date(), "do": "ahead"}
    assert "You can&#x27;t request this: " in ana.post(address, form).content.decode()
    assert ana.post(address, form | {"ends_on": "tomorrow"}).status_code == 200


def test_nobody_else_looks_ahead(bank: Bank) -> None:
    item = return_claims_item(bank)
    form = {"extent": "columns", "columns": item.columns, "ends_on": item.ends_at.date(), "do": "ahead"}
    assert (
        make_client(bank.ines).post(reverse("request-item-resubmit", args=[item.pk]), form).status_code == 404
    )


@pytest.mark.parametrize("typed_name", ["answer-", "answer-<b>", "answer-ticket\x00"])
def test_hostile_names_of_fields_are_not_kept(bank: Bank, typed_name: str) -> None:
    ana = make_client(bank.ana)
    assert (
        ana.post(
            f"{reverse('access-request-new')}?table={bank.claims.pk}",
            build_form(bank, **{typed_name: "x\x00"}),
        ).status_code
        == 302
    )
    assert RequestItem.objects.get().answers == {}
