"""Asked by LF-Tags: what they reach is shown, bound by the decision, and of one owner; else it is refused."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import Event
from catalog.products.models import DataProduct
from fulfilment.intents.models import Intent
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from requests_app.access_requests.models import AccessRequest
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_table_grants
from requests_app.review.actions import approve_item
from requests_app.review.queries import get_item_for_review
from requests_app.review.summary import build_review
from requests_app.review.terms import NarrowedTerms, compute_approval_hash, compute_item_approval_hash
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.requests_app.lf_tags_request import assign_tags, submit_by_lf_tags


@pytest.fixture
def bank(db: None) -> Bank:
    found = make_bank()
    assign_tags(found.claims, {"tier": "gold"}, iban={"tier": "gold", "pii": "yes"})
    return found


def test_the_effects_name_both_halves_and_each_member(bank: Bank) -> None:
    effects = compute_effects(submit_by_lf_tags(bank))
    verbs = [(atom["verb"], atom.get("policy", {}).get("kind", "")) for atom in effects.approved["atoms"]]
    assert verbs[:3] == [("DESCRIBE", "DATABASE"), ("SELECT", "TABLE"), ("DESCRIBE", "TABLE")]
    assert [line.text for line in effects.adds][-1] == "opens insurance_gold.claims: 3 of 3 columns"
    assert effects.approved["members"][0]["columns"]["iban"] == "sensitive"
    assert "tables with tier=gold" in effects.adds[1].text


def test_columns_with_other_values_are_not_granted(bank: Bank) -> None:
    assign_tags(bank.claims, {"tier": "gold"}, iban={"tier": "raw"})
    effects = compute_effects(submit_by_lf_tags(bank))
    assert effects.not_granted == ("insurance_gold.claims.iban",)
    assert effects.adds[-1].columns == ("claim_id", "amount")


def test_an_approval_is_an_intent_and_a_grant_of_the_expression(bank: Bank) -> None:
    grant = approve(bank, submit_by_lf_tags(bank))
    assert grant.intent.wanted["reach"]["tags"] == {"tier": ["gold"]}
    assert grant.intent.wanted["reach"]["tables"] == [["insurance_gold", "claims"]]
    assert Event.objects.get(verb="submit_access_request_by_tags").data["tags"] == {"tier": ["gold"]}
    assert list(list_table_grants(bank.ines, bank.claims)) == [grant]


@pytest.mark.parametrize("change", ["retagged", "another table", "created again"])
def test_a_decision_on_members_that_changed_is_refused(bank: Bank, change: str) -> None:
    item = submit_by_lf_tags(bank)
    shown = compute_item_approval_hash(item)
    if change == "retagged":
        assign_tags(bank.claims, {"tier": "gold"}, iban={"tier": "raw"})
    elif change == "another table":
        assign_tags(factories.make_table(bank.claims.database, "policies"), {"tier": "gold"})
    else:
        bank.claims.glue_created_at = "2026-11-01T00:00:00+00:00"
        bank.claims.save()
    with pytest.raises(EffectsChangedError):
        approve_item(acting_user=bank.ines, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())
    assert not Intent.objects.exists()


def test_what_changed_since_it_was_shown_is_not_asked_for(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="have changed since you opened"):
        submit_by_lf_tags(bank, members_hash="0" * 64)
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize("whose", ["the same domain", "another domain"])
def test_what_the_asker_does_not_see_keeps_the_owners_from_approving(bank: Bank, whose: str) -> None:
    motor = factories.make_domain(factories.make_team("Motor"), "Motor")
    domain = bank.domain if whose == "the same domain" else motor
    hidden = factories.make_table(factories.make_database(bank.catalog, domain, "motor_gold"), "cars")
    assign_tags(hidden, {"tier": "gold"})
    product = factories.make_product(domain, bank.ines, [hidden], "Cars")
    DataProduct.objects.filter(pk=product.pk).update(is_published=False)
    item = submit_by_lf_tags(bank)
    with pytest.raises(RefusedError, match="one owner decides"):
        approve(bank, item)
    assert build_review(get_item_for_review(bank.ana, item.pk), bank.ana).obstacle == ""


def test_what_the_asker_sees_of_two_domains_is_not_asked_for(bank: Bank) -> None:
    elsewhere = factories.make_domain(factories.make_team("Motor"), "Motor")
    other = factories.make_table(factories.make_database(bank.catalog, elsewhere, "motor_gold"), "cars")
    assign_tags(other, {"tier": "gold"})
    factories.make_product(elsewhere, factories.make_person("Mo Torr"), [other], "Cars")
    with pytest.raises(RefusedError, match="one owner decides"):
        submit_by_lf_tags(bank)


def test_nobody_agrees_to_what_another_domain_answers_for_by_now(bank: Bank) -> None:
    item = submit_by_lf_tags(bank)
    elsewhere = factories.make_domain(factories.make_team("Motor"), "Motor")
    assign_tags(
        factories.make_table(factories.make_database(bank.catalog, elsewhere, "motor_gold"), "cars"),
        {"tier": "gold"},
    )
    with pytest.raises(RefusedError, match="one owner decides"):
        approve(bank, item)


@pytest.mark.parametrize(
    ("tags", "why"),
    [({}, "at least one"), ({"tier": ["*"]}, "Name the values"), ({"tier": ["bronze"]}, "No table carries"),
     ({"k" * 300: ["v" * 200]}, "too many LF-Tags to review")],
)  # fmt: skip
def test_what_cannot_be_asked_for_says_why(bank: Bank, tags: dict[str, list[str]], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        submit_by_lf_tags(bank, tags, members_hash="")


def test_the_same_form_is_one_request_and_the_same_tags_are_given_once(bank: Bank) -> None:
    ends_at = factories.days_from_now(30)
    first = submit_by_lf_tags(bank, ends_at=ends_at)
    assert submit_by_lf_tags(bank, ends_at=ends_at) == first
    with pytest.raises(RefusedError, match="already sent"):
        submit_by_lf_tags(bank, {"tier": ["gold", "silver"]}, ends_at=ends_at)
    approve(bank, first)
    with pytest.raises(RefusedError, match="already"):
        submit_by_lf_tags(bank, idempotency_key="form-2", ends_at=ends_at)


def test_only_the_asking_team_asks_and_only_the_owner_decides(bank: Bank) -> None:
    with pytest.raises(ForbiddenError):
        submit_by_lf_tags(bank, acting_user=bank.sam)
    item = submit_by_lf_tags(bank)
    with pytest.raises(ForbiddenError):
        approve(bank, item, by=bank.ana)
    assert not Grant.objects.exists()


def test_a_row_filter_that_it_no_longer_limits_needs_its_own_yes(bank: Bank) -> None:
    limited = submit_bank_item(
        bank, items=[RequestedItem(bank.claims.pk, ("amount",), False, None, "claim_id = '1'")]
    )
    approve(bank, limited)
    item = submit_by_lf_tags(bank, idempotency_key="form-2")
    with pytest.raises(RefusedError, match="no longer limits"):
        approve(bank, item)
    assert [one.columns.names for one in compute_effects(item).widenings] == [("amount",)]


def test_a_row_filter_beside_it_is_shown_to_limit_nothing(bank: Bank) -> None:
    approve(bank, submit_by_lf_tags(bank))
    limited = submit_bank_item(
        bank,
        idempotency_key="form-2",
        items=[RequestedItem(bank.claims.pk, ("amount",), False, None, "claim_id = '1'")],
    )
    (wider,) = compute_effects(limited).widenings
    assert "approved earlier by LF-Tags, tier=gold" in wider.text


def test_only_its_time_can_be_less(bank: Bank) -> None:
    item = submit_by_lf_tags(bank)
    end = clock.now() + timedelta(days=7)
    less = NarrowedTerms(ends_at=end)
    said: dict[str, Any] = {"acting_user": bank.ines, "item_id": item.pk, "comment": "", "now": clock.now()}
    with pytest.raises(RefusedError, match="only shorten the time"):
        approve_item(**said, effects_hash="", narrowed=NarrowedTerms(columns=("amount",)))
    grant = approve_item(
        **said, effects_hash=compute_approval_hash(item, compute_effects(item), less), narrowed=less
    )
    assert grant is not None
    assert grant.ends_at == end


def test_it_is_weighed_by_all_that_it_reaches(bank: Bank) -> None:
    item = submit_by_lf_tags(bank)
    assert (item.risk, item.risk_facts["classification"]) == (40 + 15, "sensitive")
