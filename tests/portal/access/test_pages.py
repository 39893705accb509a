"""Requests with their timeline, grants, and revoking them."""

import re

from django.conf import settings
from django.urls import reverse
from django.utils.dateformat import format as date

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from kernel import clock
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from tests.bank import Bank, approve, decide_ten_times, submit_bank_item
from tests.database import as_role
from tests.engine_readings import write_presence
from tests.portal.conftest import make_client

HTMX = {"HX-Request": "true"}


def test_the_story_polls_until_nothing_can_change(bank: Bank) -> None:
    item, ana = submit_bank_item(bank), make_client(bank.ana)
    address = reverse("access-request", args=[item.request_id])
    assert 'hx-trigger="every 5s"' in ana.get(address).content.decode()
    ana.post(reverse("request-item-withdraw", args=[item.pk]))
    assert "hx-trigger" not in ana.get(address, headers=HTMX).content.decode()


def test_an_unchanged_story_is_not_sent_again(bank: Bank) -> None:
    item, ana = submit_bank_item(bank), make_client(bank.ana)
    address = reverse("access-request", args=[item.request_id])
    mark = ana.get(address).context["content_hash"]
    assert ana.get(address, {"seen": mark}, headers=HTMX).status_code == 204
    approve(bank, item)
    changed = ana.get(address, {"seen": mark}, headers=HTMX)
    assert changed.status_code == 200
    assert 'hx-trigger="every 1s"' in changed.content.decode()
    assert "<html" not in changed.content.decode()


def test_approved_is_not_said_to_be_present(bank: Bank) -> None:
    item = submit_bank_item(bank)
    approve(bank, item)
    page = make_client(bank.ana).get(reverse("access-request", args=[item.request_id])).content.decode()
    assert "Applying" in page
    assert "Active" not in page


def test_what_waits_for_a_person_does_not_look_like_the_machine_at_work(bank: Bank) -> None:
    item, ana = submit_bank_item(bank), make_client(bank.ana)
    address = reverse("access-request", args=[item.request_id])
    ahead = [beat for beat in ana.get(address).context["item_details"][0].timeline if beat.is_upcoming]
    assert [(beat.tone, beat.icon, beat.is_next) for beat in ahead] == [
        ("grey", "wait", True),
        ("grey", "next", False),
    ]
    approve(bank, item)
    ahead = [beat for beat in ana.get(address).context["item_details"][0].timeline if beat.is_upcoming]
    assert [(beat.tone, beat.is_next) for beat in ahead] == [("blue", True), ("grey", False)]


def test_the_page_of_a_request_is_one_story_with_names_and_times(bank: Bank) -> None:
    decide_ten_times(bank)
    item, ana = submit_bank_item(bank), make_client(bank.ana)
    address = reverse("access-request", args=[item.request_id])
    answer = ana.get(address)
    page = answer.content.decode()
    assert re.search(r"<h1[^>]*>\s*Claims for bi-reporting\s*</h1>", page)
    assert "<strong>Ines Roth or Ivo Lang decides.</strong>" in page
    assert re.search(
        r"Since \d+ \w+, \d\d:\d\d\.\s+<span[^>]*>\s*"
        r"Usually in 2 days \(median of 10 decisions in 90 days\)\.\s+"
        r'<time datetime="[^"]+"\s+title="\d+ \w+ \d{4}, \d\d:\d\d">It is due in 23 hours\.</time>',
        page,
    )
    (details,) = answer.context["item_details"]
    assert (details.remarks, len(details.record)) == ((), 1)
    assert "What was said and found" not in page
    approve(bank, item)
    (details,) = ana.get(address).context["item_details"]
    assert details.decision is None
    assert details.since is not None


def test_withdrawing_after_the_decision_is_refused_with_the_reason(bank: Bank) -> None:
    item = submit_bank_item(bank)
    approve(bank, item)
    answer = make_client(bank.ana).post(reverse("request-item-withdraw", args=[item.pk]), follow=True)
    assert "Not withdrawn: It was decided in the meantime." in answer.content.decode()
    assert RequestItem.objects.get().state == ItemState.APPROVED


def test_revoking_needs_a_post_and_a_reason(bank: Bank) -> None:
    grant, ines = approve(bank, submit_bank_item(bank)), make_client(bank.ines)
    address = reverse("grant-revoke", args=[grant.pk])
    assert ines.get(address).status_code == 200
    assert ines.post(address, {"reason": ""}).status_code == 422
    assert Grant.objects.get().state == GrantState.LIVE
    back = reverse("data-product-access", args=[bank.product.slug])
    assert ines.post(address, {"reason": "No longer needed", "next": back})["Location"] == back
    assert Grant.objects.get().state == GrantState.REVOKED


def test_after_revoking_one_is_never_sent_to_another_site(bank: Bank) -> None:
    grant, ines = approve(bank, submit_bank_item(bank)), make_client(bank.ines)
    said = {"reason": "No longer needed", "next": "https://elsewhere.example/"}
    answer = ines.post(reverse("grant-revoke", args=[grant.pk]), said)
    assert answer["Location"] == reverse("access-request", args=[grant.item.request_id])


def test_a_grant_revoked_meanwhile_is_said_to_have_ended(bank: Bank) -> None:
    grant, ines = approve(bank, submit_bank_item(bank)), make_client(bank.ines)
    address = reverse("grant-revoke", args=[grant.pk])
    ines.post(address, {"reason": "No longer needed"})
    answer = ines.post(address, {"reason": "No longer needed"})
    assert answer.status_code == 422
    assert "This access has already ended." in answer.content.decode()


def test_what_ended_says_when_and_who_asked_gives_it_back(bank: Bank) -> None:
    grant, ana, ines = approve(bank, submit_bank_item(bank)), make_client(bank.ana), make_client(bank.ines)
    address = reverse("grant-revoke", args=[grant.pk])
    assert "Give back Claims for bi-reporting?" in ana.get(address).content.decode()
    assert "Revoke this access?" in ines.get(address).content.decode()
    assert ">Until</th>" in ana.get(reverse("grants")).content.decode()
    ines.post(address, {"reason": "No longer needed"})
    grant.refresh_from_db()
    assert grant.ended_at
    write_presence(grant.intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)
    page = ana.get(reverse("grants"), {"show": "ended"}).content.decode()
    assert ">Ended</th>" in page
    assert f'datetime="{date(grant.ended_at, "c")}"' in page
    assert date(grant.ends_at, "c") not in page


def test_owners_see_who_has_access_and_strangers_nothing(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    address = reverse("data-product-access", args=[bank.product.slug])
    grant = Grant.objects.get()
    assert [row.grant for row in make_client(bank.ines).get(address).context["rows"]] == [grant]
    assert make_client(bank.sam).get(address).context["rows"] == []


def test_the_page_that_ends_access_names_the_ways_that_stay_open(bank: Bank) -> None:
    address = reverse("grant-revoke", args=[approve(bank, submit_bank_item(bank)).pk])
    ines = make_client(bank.ines)
    assert "Still readable through" not in ines.get(address).content.decode()
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=bank.catalog,
            principal_arn=IAM_ALLOWED_PRINCIPALS,
            database="insurance_gold",
            table="claims",
            verb="ALL",
            columns={"except": []},
            seen_at=clock.now(),
        )
    assert "Every role that IAM allows holds" in ines.get(address).content.decode()


def test_owners_see_since_when_and_on_whose_word(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    page = (
        make_client(bank.ines).get(reverse("data-product-access", args=[bank.product.slug])).content.decode()
    )
    assert "Since" in page
    assert f"approved by {bank.ines.name}" in page


def test_a_request_that_waits_names_who_decides(bank: Bank) -> None:
    address = reverse("access-request", args=[submit_bank_item(bank).request_id])
    page = make_client(bank.ana).get(address).content.decode()
    assert f"{bank.ines.name} or {bank.ivo.name} decides." in page
    assert "A data owner of" not in page


def test_when_nothing_ends_soon_it_is_said_what_would_be_listed(bank: Bank) -> None:
    write_presence(
        approve(bank, submit_bank_item(bank)).intent,
        Intent.Presence.PRESENT,
        catalog=bank.catalog,
        consumer=bank.bi_account,
    )
    page = make_client(bank.ana).get(reverse("grants"), {"show": "soon"}).content.decode()
    assert f"Access that ends within {settings.WARN_DAYS} days appears here" in page
    assert "When you have access to data" not in page


def test_teams_that_use_a_product_are_those_with_active_access(bank: Bank) -> None:
    address, mine = reverse("data-product", args=[bank.product.slug]), reverse("my-products")
    client, item = make_client(bank.ines), submit_bank_item(bank)
    for teams in (0, 1):
        facts = {fact.label: fact for fact in client.get(address).context["facts"]}
        assert facts["Used by"].value == f"{teams} team{'' if teams else 's'}"
        use = client.get(mine).context["rows"][0].use
        assert use.team_count == teams
        if not teams:
            approve(bank, item)
