"""What would become of a request, chosen on a page or in the API, by the published rules and by the draft."""

from typing import Any

from django.urls import reverse

from audit.models import Event
from requests_app.access_requests.models import RequestItem
from tests import factories
from tests.bank import Bank
from tests.portal.api.calls import send
from tests.portal.conftest import make_client
from tests.requests_app.policy_setup import (
    AUTOMATIC_RULE,
    make_approval_rule,
    publish_rules,
    register_location,
)

DRAFT = "- {name: long, when: {days: {least: 30}}, then: {refused: Ask for a month at most.}}"


def get_address(bank: Bank) -> str:
    return reverse("policy-evaluate", args=[bank.domain.slug])


def build_form(bank: Bank, **changes: Any) -> dict[str, Any]:
    return {
        "person": bank.ana.email, "table": bank.claims.pk, "columns": "claim_id", "purpose": "Report", "days": 90,
        **changes,
    }  # fmt: skip


def test_one_ask_is_judged_by_the_rules_in_force_and_by_the_draft(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    ines = make_client(bank.ines)
    ines.post(reverse("policy", args=[bank.domain.slug]), {"rules": DRAFT, "note": "A month is enough."})
    before = Event.objects.count()
    answer = ines.get(get_address(bank), build_form(bank))
    found = answer.context["evaluation"]
    assert found.published.text == "Approved automatically, by a policy of the data owner."
    assert found.draft.text == "Ask for a month at most."
    assert found.draft.fired_rules == (f"long (rule of {bank.domain.slug}, version 2)",)
    facts = {fact.name: fact.value for fact in found.facts}
    assert (facts["classification"], facts["days"]) == ("public", "90")
    assert facts["claims (not known yet, because people sign in with a password only)"] == ""
    assert (RequestItem.objects.count(), Event.objects.count()) == (0, before)


def test_a_draft_that_would_say_yes_at_once_says_so_only_where_nobody_has_to_look(bank: Bank) -> None:
    ines = make_client(bank.ines)
    draft = "- {name: at-once, when: {classification: public}, then: {automatic: true}}"
    ines.post(reverse("policy", args=[bank.domain.slug]), {"rules": draft, "note": "Public data at once."})
    assert (
        ines.get(get_address(bank), build_form(bank)).context["evaluation"].draft.text
        == "Needs approval by a data owner."
    )
    register_location(bank)
    happens = ines.get(get_address(bank), build_form(bank)).context["evaluation"].draft.text
    assert happens == "Approved automatically, by a policy of the data owner."


def test_what_does_not_stand_is_said_in_place(bank: Bank) -> None:
    ines = make_client(bank.ines)
    cards = factories.make_domain(factories.make_team("Cards"), "Cards")
    elsewhere = factories.make_table(factories.make_database(bank.catalog, cards, name="other"), name="rates")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"person": "nobody@harbour.example"}, "There is nobody with this e-mail."),
        ({"person": bank.sam.email}, "None of this person&#x27;s teams has this role."),
        ({"columns": "colour"}, "has no column colour"),
        ({"table": elsewhere.pk, "columns": ""}, "This table now belongs to another domain."),
        ({"days": "0"}, "greater than or equal to 1"),
    ]
    for changes, said in wrong:
        answer = ines.get(get_address(bank), build_form(bank, **changes))
        assert answer.status_code == 422, changes
        assert said in answer.content.decode()


def test_only_who_writes_the_rules_may_look(bank: Bank) -> None:
    assert make_client(bank.ana).get(get_address(bank)).status_code == 404
    assert send(bank.ana, f"policies/{bank.domain.slug}/evaluate").status_code == 404
    assert make_client(bank.greta).get(reverse("policy-evaluate", args=["global"])).status_code == 200


def test_the_api_says_the_same(bank: Bank) -> None:
    publish_rules(bank, make_approval_rule({"role": "owner", "quorum": 2}))
    asked = {
        "requester": bank.ana.email, "principal": bank.role.arn, "table": str(bank.claims.pk), "columns": ["claim_id"],
        "purpose": "Report", "duration": "P90D",
    }  # fmt: skip
    answer = send(bank.ines, f"policies/{bank.domain.slug}/evaluate", asked).json()
    assert (answer["published"]["sentence"], answer["draft"]) == ("Needs approval by 2 data owners.", None)
    assert {"name": "use", "value": "query"} in answer["facts"]
