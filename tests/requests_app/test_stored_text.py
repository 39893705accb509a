"""Text that is stored is in English, and hashes do not depend on the language of the page."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from identity.people.models import Membership, PlatformRole
from identity.role_changes.changes import (
    build_administration_change,
    build_membership_change,
    build_platform_role_change,
)
from requests_app.access_requests.models import Decision
from requests_app.policies.evaluation import evaluate_item
from requests_app.review.terms import compute_item_approval_hash, compute_terms_hash
from requests_app.targets.checks import compute_effects
from tests.bank import Bank, submit_bank_item
from tests.requests_app.policy_setup import AUTOMATIC_RULE, publish_rules, register_location


@pytest.fixture
def german() -> Iterator[None]:
    with translation.override("de"):
        yield


def test_a_decision_by_a_rule_is_stored_in_english(bank: Bank, german: None) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    submit_bank_item(bank)
    assert Decision.objects.get().comment == "Automatically, by the rule public-at-once."


def test_role_changes_are_described_in_english(bank: Bank, german: None) -> None:
    changes = [
        build_membership_change(bank.ana, bank.bi, Membership.Role.LEAD, held=True),
        build_platform_role_change(bank.ana, PlatformRole.Role.STEWARD, held=True),
        build_administration_change(bank.ana, {"is_staff": True}, {"is_staff": False}),
    ]
    assert [change.description for change in changes] == [
        "lead of BI",
        "steward",
        "can open the administration pages",
    ]
    assert translation.get_language() == "de"


def test_what_an_approval_names_is_the_same_in_both_languages(bank: Bank) -> None:
    item = submit_bank_item(bank)
    hashes = set()
    for language in ("en-gb", "de"):
        with translation.override(language):
            effects = compute_effects(item)
            _facts, verdict = evaluate_item(item, effects)
            hashes.add(
                (
                    effects.digest(),
                    verdict.digest(),
                    compute_item_approval_hash(item),
                    compute_terms_hash(item),
                )
            )
    assert len(hashes) == 1
