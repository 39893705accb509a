"""Rules look at the tags that the role or user has in IAM, as far as they were read."""

import pytest

from identity.accounts import Principal
from kernel.errors import RefusedError
from requests_app.grants.models import Grant
from tests.bank import Bank, submit_bank_item
from tests.requests_app.policy_setup import publish_rules, register_location

AUTOMATIC_RULE = {
    "name": "cleared-at-once", "when": {"classification": ["public"], "principal_tags": ["clearance=high"]},
    "then": {"automatic": True},
}  # fmt: skip
LOW_CLEARANCE_RULE = {
    "name": "nobody-low", "when": {"principal_tags": ["clearance=low"]}, "then": {"refused": "Not for this role."},
}  # fmt: skip
NEGATED_RULE = {
    "name": "cleared-only", "when": {"principal_tags": {"not": ["clearance=high"]}},
    "then": {"refused": "Only for roles that are cleared."},
}  # fmt: skip


def set_tags(principal: Principal, **tags: str) -> None:
    Principal.objects.filter(pk=principal.pk).update(tags=tags)
    principal.refresh_from_db()


def test_a_tag_that_the_owner_named_is_a_yes_at_once(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    set_tags(bank.role, clearance="high", team="bi")
    submit_bank_item(bank)
    assert Grant.objects.count() == 1


@pytest.mark.parametrize("tags", [{}, {"clearance": "low"}, {"Clearance": "high"}])
def test_without_it_people_decide(bank: Bank, tags: dict[str, str]) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    set_tags(bank.role, **tags)
    submit_bank_item(bank)
    assert not Grant.objects.exists()


def test_what_was_not_read_is_not_known_no_yes_rests_on_it(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    submit_bank_item(bank)
    assert not Grant.objects.exists()


def test_what_was_not_read_is_taken_as_meant_by_a_rule_that_refuses(bank: Bank) -> None:
    publish_rules(bank, LOW_CLEARANCE_RULE)
    with pytest.raises(RefusedError, match="Not for this role"):
        submit_bank_item(bank)


@pytest.mark.parametrize(("tags", "passes"), [({"clearance": "high"}, True), ({}, False)])
def test_a_rule_may_be_for_those_without_it(bank: Bank, tags: dict[str, str], *, passes: bool) -> None:
    publish_rules(bank, NEGATED_RULE)
    set_tags(bank.role, **tags)
    if passes:
        submit_bank_item(bank)
        return
    with pytest.raises(RefusedError, match="Only for roles that are cleared"):
        submit_bank_item(bank)
