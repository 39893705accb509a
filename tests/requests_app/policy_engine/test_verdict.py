"""What rules say together: adding one that tightens never widens, and their order plays no part."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from requests_app.policy_engine.facts import PolicyFacts, get_classification_words
from requests_app.policy_engine.rules import DeciderRole, RequiredApproval, Rule, RuleCondition, RuleEffect
from requests_app.policy_engine.verdict import (
    OWNER_APPROVAL_ONLY,
    PolicyOutcome,
    PolicyVerdict,
    evaluate_rules,
)
from tests.requests_app.policy_engine.generated_rules import (
    generate_facts,
    generate_restrictions,
    generate_rules,
)

MANY = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
"""On a busy machine the first draw takes more than a second."""
STRICTER = [PolicyOutcome.AUTOMATIC, PolicyOutcome.NEEDS_REVIEW, PolicyOutcome.REFUSED]
PUBLIC = (RuleCondition("classification", frozenset({"public"})),)
AUTOMATIC = Rule("at-once", PUBLIC, RuleEffect(automatic=True), domain="insurance")


def build_facts(**words: str) -> PolicyFacts:
    said = {"domain": "insurance", "classification": "public"} | words
    return PolicyFacts(
        {name: frozenset(value.split()) for name, value in said.items() if value}, {"days": 30}
    )


def evaluate_outcome(found: PolicyFacts, *given_rules: Rule) -> PolicyOutcome:
    return evaluate_rules(given_rules, found).outcome


def is_at_least_as_strict(stricter: PolicyVerdict, before: PolicyVerdict) -> bool:
    quorums = {need.role: need.quorum for need in stricter.needs}
    return (
        STRICTER.index(stricter.outcome) >= STRICTER.index(before.outcome)
        and all(quorums.get(need.role, 0) >= need.quorum for need in before.needs)
        and set(before.refusals) <= set(stricter.refusals)
        and set(before.excluded_columns) <= set(stricter.excluded_columns)
        and set(before.required_information.fields) <= set(stricter.required_information.fields)
        and set(before.required_information.texts) <= set(stricter.required_information.texts)
        and (before.most_days is None or (stricter.most_days or 0) <= before.most_days)
    )


@MANY
@given(st.lists(generate_rules(), max_size=5), generate_rules(generate_restrictions()), generate_facts())
def test_adding_a_rule_that_tightens_never_widens(some: list[Rule], one: Rule, found: PolicyFacts) -> None:
    assert is_at_least_as_strict(evaluate_rules([*some, one], found), evaluate_rules(some, found))


@MANY
@given(
    st.lists(generate_rules(), max_size=6, unique_by=lambda rule: (rule.domain, rule.name)),
    generate_facts(),
    st.integers(),
)
def test_the_order_of_rules_never_matters(some: list[Rule], found: PolicyFacts, seed: int) -> None:
    other = random.Random(seed).sample(some, len(some))
    assert evaluate_rules(some, found).to_json() == evaluate_rules(other, found).to_json()


@MANY
@given(st.lists(generate_rules(), max_size=6), generate_facts(), st.data())
def test_knowing_less_never_makes_a_yes_by_itself(
    some: list[Rule], found: PolicyFacts, data: st.DataObject
) -> None:
    forgotten = data.draw(st.sampled_from([*found.words, *found.numbers, ""]))
    words = {name: value for name, value in found.words.items() if name != forgotten}
    numbers = {name: value for name, value in found.numbers.items() if name != forgotten}
    less = evaluate_rules(some, PolicyFacts(words, numbers, found.column_classifications))
    if forgotten != "domain":
        assert STRICTER.index(less.outcome) >= STRICTER.index(evaluate_rules(some, found).outcome)
    assert (
        less.outcome != PolicyOutcome.AUTOMATIC
        or evaluate_rules(some, found).outcome == PolicyOutcome.AUTOMATIC
    )


@MANY
@given(st.lists(generate_rules(), max_size=6), generate_facts())
def test_the_owner_is_always_among_the_deciders(some: list[Rule], found: PolicyFacts) -> None:
    assert DeciderRole.OWNER in evaluate_rules(some, found).roles


def test_without_rules_one_owner_decides() -> None:
    assert evaluate_rules([], build_facts()).needs == OWNER_APPROVAL_ONLY
    assert evaluate_outcome(build_facts()) == PolicyOutcome.NEEDS_REVIEW


def test_a_domains_rule_says_yes_by_itself_for_its_own_data_alone() -> None:
    assert evaluate_outcome(build_facts(), AUTOMATIC) == PolicyOutcome.AUTOMATIC
    assert evaluate_outcome(build_facts(domain="cards"), AUTOMATIC) == PolicyOutcome.NEEDS_REVIEW


def test_a_global_rule_never_says_yes_by_itself() -> None:
    assert (
        evaluate_outcome(build_facts(), Rule("at-once", PUBLIC, RuleEffect(automatic=True)))
        == PolicyOutcome.NEEDS_REVIEW
    )


def test_a_yes_by_itself_needs_all_of_the_ask_to_be_so() -> None:
    assert (
        evaluate_outcome(build_facts(classification="public sensitive"), AUTOMATIC)
        == PolicyOutcome.NEEDS_REVIEW
    )
    assert evaluate_outcome(build_facts(classification=""), AUTOMATIC) == PolicyOutcome.NEEDS_REVIEW


def test_a_yes_by_itself_needs_every_condition() -> None:
    both = (*PUBLIC, RuleCondition("environment", frozenset({"production"})))
    rule = Rule("at-once", both, RuleEffect(automatic=True), domain="insurance")
    assert evaluate_outcome(build_facts(environment="production"), rule) == PolicyOutcome.AUTOMATIC
    assert evaluate_outcome(build_facts(environment="test"), rule) == PolicyOutcome.NEEDS_REVIEW


def test_what_the_requester_wrote_is_no_yes_by_itself() -> None:
    purpose = (RuleCondition("purpose", frozenset({"audit"})),)
    rule = Rule("auditors", purpose, RuleEffect(automatic=True), domain="insurance")
    assert evaluate_outcome(build_facts(purpose="audit"), rule) == PolicyOutcome.NEEDS_REVIEW


def test_what_is_not_known_satisfies_a_rule_that_tightens() -> None:
    claims = (RuleCondition("claims", frozenset({"contractor"})),)
    privacy = Rule("contractors", claims, RuleEffect(needs=(RequiredApproval(DeciderRole.PRIVACY, 2),)))
    found = evaluate_rules([AUTOMATIC, privacy], build_facts())
    assert found.outcome == PolicyOutcome.NEEDS_REVIEW
    assert found.needs == (RequiredApproval(DeciderRole.OWNER), RequiredApproval(DeciderRole.PRIVACY, 2))
    assert [one.unknown for one in found.fired] == [("claims",), ()]


def test_time_and_columns_beyond_a_rule_are_refused() -> None:
    shown = PolicyFacts(
        {"domain": frozenset({"insurance"})}, {"days": 91}, {"iban": "sensitive", "new": "", "id": "public"}
    )
    capped = Rule("quarter", (), RuleEffect(most_days=90))
    without = Rule("no-sensitive", (), RuleEffect(excluded_classifications=frozenset({"sensitive"})))
    found = evaluate_rules([capped, without], shown)
    assert (found.outcome, found.most_days, found.excluded_columns) == (
        PolicyOutcome.REFUSED,
        90,
        ("iban", "new"),
    )
    assert evaluate_rules([capped], PolicyFacts({}, {"days": 90})).outcome == PolicyOutcome.NEEDS_REVIEW
    assert evaluate_rules([capped], PolicyFacts({}, {})).outcome == PolicyOutcome.REFUSED


def test_one_unclassified_column_makes_the_class_unknown() -> None:
    assert get_classification_words(["public", "private", "public"]) == frozenset({"public", "private"})
    assert get_classification_words(["public", ""]) is None
    assert get_classification_words([]) == frozenset({"metadata"})
