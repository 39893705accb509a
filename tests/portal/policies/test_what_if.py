"""What would become of one ask: chosen on a page or over the API, told for the rules in force and for the draft."""

from typing import Any

from django.urls import reverse

from audit.models import Event
from requests_app.access_requests.models import Item
from tests import factories
from tests.bank import Bank
from tests.portal.api.calls import send
from tests.portal.conftest import signed_in
from tests.requests_app.policy_setup import AT_ONCE, in_force, needing, register

DRAFT = "- {name: long, when: {days: {least: 30}}, then: {refused: Ask for a month at most.}}"


def address(bank: Bank) -> str:
    return reverse("policy-evaluate", args=[bank.domain.slug])


def wish(bank: Bank, **changes: Any) -> dict[str, Any]:
    return {
        "person": bank.ana.email, "table": bank.claims.pk, "columns": "claim_id", "purpose": "Report", "days": 90,
        **changes,
    }  # fmt: skip


def test_one_ask_is_judged_by_the_rules_in_force_and_by_the_draft(bank: Bank) -> None:
    register(bank)
    in_force(bank, AT_ONCE)
    ines = signed_in(bank.ines)
    ines.post(reverse("policy", args=[bank.domain.slug]), {"rules": DRAFT, "note": "A month is enough."})
    before = Event.objects.count()
    answer = ines.get(address(bank), wish(bank))
    found = answer.context["found"]
    assert found.in_force.happens == "Approved automatically, by a policy of the data owner."
    assert found.draft.happens == "Ask for a month at most."
    assert found.draft.fired == (f"long (rule of {bank.domain.slug}, version 2)",)
    facts = {fact.name: fact.said for fact in found.facts}
    assert (facts["classification"], facts["days"]) == ("public", "90")
    assert facts["claims (not known yet, because people sign in with a password only)"] == ""
    assert (Item.objects.count(), Event.objects.count()) == (0, before)


def test_a_draft_that_would_say_yes_at_once_says_so_only_where_nobody_has_to_look(bank: Bank) -> None:
    ines = signed_in(bank.ines)
    draft = "- {name: at-once, when: {classification: public}, then: {automatic: true}}"
    ines.post(reverse("policy", args=[bank.domain.slug]), {"rules": draft, "note": "Public data at once."})
    assert (
        ines.get(address(bank), wish(bank)).context["found"].draft.happens
        == "Needs approval by a data owner."
    )
    register(bank)
    happens = ines.get(address(bank), wish(bank)).context["found"].draft.happens
    assert happens == "Approved automatically, by a policy of the data owner."


def test_what_does_not_stand_is_said_in_place(bank: Bank) -> None:
    ines = signed_in(bank.ines)
    elsewhere = factories.make_table(factories.make_database(bank.catalog, None, name="other"), name="rates")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"person": "nobody@harbour.example"}, "There is nobody with this e-mail."),
        ({"person": bank.sam.email}, "None of this person&#x27;s teams has this role."),
        ({"columns": "colour"}, "has no column colour"),
        ({"table": elsewhere.pk, "columns": ""}, "This table now belongs to another domain."),
        ({"days": "0"}, "greater than or equal to 1"),
    ]
    for changes, said in wrong:
        answer = ines.get(address(bank), wish(bank, **changes))
        assert answer.status_code == 422, changes
        assert said in answer.content.decode()


def test_only_who_writes_the_rules_may_look(bank: Bank) -> None:
    assert signed_in(bank.ana).get(address(bank)).status_code == 404
    assert send(bank.ana, f"policies/{bank.domain.slug}/evaluate").status_code == 404
    assert signed_in(bank.greta).get(reverse("policy-evaluate", args=["global"])).status_code == 200


def test_the_api_says_the_same(bank: Bank) -> None:
    in_force(bank, needing({"role": "owner", "quorum": 2}))
    asked = {
        "requester": bank.ana.email, "principal": bank.role.arn, "table": str(bank.claims.pk), "columns": ["claim_id"],
        "purpose": "Report", "duration": "P90D",
    }  # fmt: skip
    answer = send(bank.ines, f"policies/{bank.domain.slug}/evaluate", asked).json()
    assert (answer["published"]["sentence"], answer["draft"]) == ("Needs approval by 2 data owners.", None)
    assert {"name": "use", "value": "query"} in answer["facts"]
