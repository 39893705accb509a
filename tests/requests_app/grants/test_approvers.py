"""On whose word a grant stands: everybody whose yes it needed."""

from requests_app.grants.approvers import list_approvers
from tests.bank import Bank, approve, submit_bank_item
from tests.requests_app.policy_setup import AUTOMATIC_RULE, publish_rules, register_location


def test_a_person_who_said_yes_is_named(bank: Bank) -> None:
    item = submit_bank_item(bank)
    approve(bank, item)
    assert list_approvers([item.pk]) == {item.pk: (bank.ines.name,)}


def test_a_yes_by_a_rule_says_so(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    item = submit_bank_item(bank)
    assert list_approvers([item.pk]) == {item.pk: (f"{bank.ines.name}, by a policy",)}


def test_what_still_waits_stands_on_nobodys(bank: Bank) -> None:
    waiting = submit_bank_item(bank)
    assert list_approvers([waiting.pk]) == {}
