"""Rules and facts as hypothesis makes them, of few words, so that they meet."""

from hypothesis import strategies as st

from requests_app.policy_engine.facts import NUMBER_FACTS, PolicyFacts
from requests_app.policy_engine.rules import (
    DeciderRole,
    RequiredApproval,
    RequiredField,
    RequiredInformation,
    Rule,
    RuleCondition,
    RuleEffect,
)

FACTS = ("classification", "domain", "team", "groups", "purpose")
VALUE_SETS = st.frozensets(st.sampled_from(["a", "b", "c"]), min_size=1)
COLUMN_CLASSES = st.dictionaries(
    st.sampled_from(["x", "y", "z"]), st.sampled_from(["", "public", "sensitive"])
)


def generate_facts() -> st.SearchStrategy[PolicyFacts]:
    words = st.dictionaries(st.sampled_from(FACTS), VALUE_SETS)
    return st.builds(
        PolicyFacts, words, st.dictionaries(st.sampled_from(NUMBER_FACTS), st.integers(0, 9)), COLUMN_CLASSES
    )


def generate_conditions() -> st.SearchStrategy[RuleCondition]:
    worded = st.builds(RuleCondition, st.sampled_from(FACTS), VALUE_SETS, st.booleans())
    bound = st.none() | st.integers(0, 9)
    return worded | st.builds(RuleCondition, st.sampled_from(NUMBER_FACTS), minimum=bound, maximum=bound)


def generate_required_information() -> st.SearchStrategy[RequiredInformation]:
    field = st.builds(
        RequiredField, st.sampled_from("pq"), st.sampled_from(["", "P", "Q"]), st.sampled_from(["", "[0-9]+"])
    )
    fields = st.lists(field, max_size=2, unique_by=lambda one: one.name).map(tuple)
    return st.builds(
        RequiredInformation, fields, st.lists(st.sampled_from(["t", "u"]), max_size=1).map(tuple)
    )


def generate_restrictions() -> st.SearchStrategy[RuleEffect]:
    need = st.builds(RequiredApproval, st.sampled_from(DeciderRole), st.integers(1, 3), st.integers(1, 3))
    return st.builds(
        RuleEffect,
        needs=st.lists(need, max_size=2).map(tuple),
        refusal=st.sampled_from(["", "", "No."]),
        excluded_classifications=st.frozensets(st.sampled_from(["public", "sensitive"]), max_size=1),
        excluded_columns=st.frozensets(st.sampled_from(["x", "y"]), max_size=1),
        most_days=st.none() | st.integers(0, 9),
        required_information=generate_required_information(),
    )


def generate_rules(effects: st.SearchStrategy[RuleEffect] | None = None) -> st.SearchStrategy[Rule]:
    said = generate_restrictions() | st.just(RuleEffect(automatic=True)) if effects is None else effects
    when = st.lists(generate_conditions(), max_size=2).map(tuple)
    return st.builds(Rule, st.text("rst", min_size=1, max_size=2), when, said, st.sampled_from(["", "a"]))
