"""The pages of tag changes: check the effects, propose, decide; and what is refused keeps its text."""

from typing import Any

from django.urls import reverse

from catalog.tag_changes.models import TagChange
from decisions.states import DecisionState
from fulfilment.intents.models import Intent
from identity.people.models import Person
from lakeformation.tagging import TagDefinition
from requests_app.notifications.models import Notification
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events
from tests.tag_changes import OUTSIDER, TaggingBank


def build_form(tagging: TaggingBank, **changes: Any) -> dict[str, Any]:
    targets = [f"t{tagging.bank.claims.pk}.amount"]
    return {"value": "=sensitive", "targets": targets, "reason": "It is.", "do": "preview"} | changes


def get_address(tagging: TaggingBank) -> str:
    return f"{reverse('tag-change-new')}?table={tagging.bank.claims.pk}"


def read_hash(page: str) -> str:
    return page.partition('name="effects_hash" value="')[2][:64]


def decide(person: Person, change: TagChange, do: str, comment: str = "", **changes: str) -> Any:
    client = make_client(person)
    page = client.get(reverse("tag-change", args=[change.pk])).content.decode()
    said = {"do": do, "comment": comment, "effects_hash": read_hash(page)} | changes
    return client.post(reverse("tag-change-decide", args=[change.pk]), said, follow=True)


def test_the_effects_are_shown_before_it_is_proposed(tagging: TaggingBank) -> None:
    tagging.observe_reader()
    client, address = make_client(tagging.ruth), get_address(tagging)
    assert "claims" in client.get(address).content.decode()
    early = client.post(address, build_form(tagging, do="propose"))
    assert (early.status_code, "Check the effects first" in early.content.decode()) == (422, True)
    page = client.post(address, build_form(tagging)).content.decode()
    assert (OUTSIDER in page, "insurance_gold.claims.amount" in page, TagChange.objects.count()) == (
        True,
        True,
        0,
    )
    sent = build_form(tagging, do="propose", effects_hash=read_hash(page))
    done = client.post(address, sent, follow=True)
    assert "Proposed." in done.content.decode()
    assert TagChange.objects.get().effects["access"][0]["lost"] == ["amount"]


def test_other_effects_than_shown_are_refused_and_shown(tagging: TaggingBank) -> None:
    client, address = make_client(tagging.ruth), get_address(tagging)
    shown = read_hash(client.post(address, build_form(tagging)).content.decode())
    tagging.observe_reader()
    answer = client.post(address, build_form(tagging, do="propose", effects_hash=shown))
    assert (answer.status_code, OUTSIDER in answer.content.decode()) == (422, True)
    assert not TagChange.objects.exists()


def test_what_is_wrong_is_shown_at_its_field(tagging: TaggingBank) -> None:
    client, address = make_client(tagging.ruth), get_address(tagging)
    for changes, mark in (
        ({"value": ""}, "value-error"),
        ({"value": "=no"}, "value-error"),
        ({"targets": []}, "targets-error"),
        ({"targets": ["t0.amount"]}, "targets-error"),
        ({"reason": ""}, "reason-error"),
    ):
        answer = client.post(address, build_form(tagging, **changes))
        assert (answer.status_code, f'id="{mark}"' in answer.content.decode()) == (422, True), changes


def test_a_product_offers_the_columns_of_its_tables(tagging: TaggingBank) -> None:
    page = make_client(tagging.bank.ines).get(
        reverse("tag-change-new"), {"product": tagging.bank.product.slug}
    )
    assert f'value="t{tagging.bank.claims.pk}.iban"' in page.content.decode()
    for person in (tagging.bank.ana, tagging.bank.sam):
        assert make_client(person).get(get_address(tagging)).status_code == 404
    for query in ("", "?table=0", "?table=x", "?product=no-such"):
        assert make_client(tagging.ruth).get(reverse("tag-change-new") + query).status_code == 404


def test_a_data_owner_approves_what_is_shown(tagging: TaggingBank) -> None:
    tagging.observe_reader()
    change = tagging.propose()
    page = make_client(tagging.bank.ines).get(reverse("tag-change", args=[change.pk])).content.decode()
    assert ("AddLFTagsToResource" in page, OUTSIDER in page) == (True, True)
    done = decide(tagging.bank.ines, change, "approve").content.decode()
    assert ("Applying" in done, Intent.objects.count()) == (True, 1)
    assert (
        "It was decided in the meantime."
        in decide(tagging.bank.ivo, change, "reject", "No.").content.decode()
    )


def test_changed_effects_are_shown_again(tagging: TaggingBank) -> None:
    change = tagging.propose()
    shown = change.effects_hash
    tagging.observe_reader()
    answer = decide(tagging.bank.ines, change, "approve", effects_hash=shown)
    page = answer.content.decode()
    assert (answer.status_code, OUTSIDER in page, Intent.objects.count()) == (422, True, 0)
    assert read_hash(page) != shown
    assert "Approved." in decide(tagging.bank.ines, change, "approve").content.decode()


def test_a_rejection_needs_a_reason_and_the_proposer_withdraws(tagging: TaggingBank) -> None:
    first, second = tagging.propose(), tagging.propose()
    answer = decide(tagging.bank.ines, first, "reject")
    assert (answer.status_code, 'id="comment-error"' in answer.content.decode()) == (422, True)
    assert "Not so." in decide(tagging.bank.ines, first, "reject", "Not so.").content.decode()
    assert "Withdrawn." in decide(tagging.ruth, second, "withdraw").content.decode()
    assert set(TagChange.objects.values_list("state", flat=True)) == {
        DecisionState.REJECTED,
        DecisionState.WITHDRAWN,
    }


def test_the_list_shows_only_what_the_person_may_see(tagging: TaggingBank) -> None:
    change = tagging.propose()
    for person, is_shown in ((tagging.ruth, True), (tagging.bank.ines, True), (tagging.bank.ana, False)):
        page = make_client(person).get(reverse("tag-changes")).content.decode()
        assert ("insurance_gold.claims" in page) == is_shown
    assert make_client(tagging.bank.ana).get(reverse("tag-change", args=[change.pk])).status_code == 404


def test_deciders_and_the_proposer_are_notified(tagging: TaggingBank) -> None:
    bank = tagging.bank
    tagging.approve(tagging.propose())
    change = tagging.propose([], [TagDefinition("centre", ("1",))])
    decide(bank.greta, change, "reject", "Not now.")
    project_all_events()
    told = Notification.objects.filter(event__verb__endswith="_tag_change")
    assert {(one.person.name, one.event.verb, one.page_id is not None) for one in told} == {
        (bank.ines.name, "propose_tag_change", True),
        (bank.ivo.name, "propose_tag_change", True),
        (tagging.ruth.name, "approve_tag_change", True),
        (bank.greta.name, "propose_tag_change", True),
        (tagging.ruth.name, "reject_tag_change", True),
    }
