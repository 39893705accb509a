"""Every verb on an item, in every state, by everyone: what the table does not hold is refused and changes nothing."""

from itertools import product

import pytest

from audit.models import Event
from identity.people.models import Person
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.requests_app.policy_setup import make_approval_rule, publish_rules
from tests.requests_app.review.test_delegation import delegate_to
from tests.requests_app.verbs_by_role import (
    OWNER_RULES,
    QUORUM_RULES,
    REQUIRED_ROLES,
    ROLE_DESCRIPTIONS,
    VERBS,
    Verb,
    make_people,
)

TABLES = {"the owner's yes": OWNER_RULES, "the yes of several": QUORUM_RULES}
BLIND_ROLES = {"the owner's yes": {"stranger", "steward", "privacy"}, "the yes of several": {"stranger"}}


@pytest.fixture(params=["the owner's yes", pytest.param("the yes of several", marks=pytest.mark.all)])
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def people(bank: Bank, table: str) -> dict[str, Person]:
    made = make_people(bank)
    delegate_to(bank, made["delegate"])
    if TABLES[table] is QUORUM_RULES:
        publish_rules(bank, make_approval_rule(*({"role": role} for role in REQUIRED_ROLES)))
    return made


def make_item_in_state(bank: Bank, state: str) -> RequestItem:
    """The state alone: what else a decision writes is no verb's condition."""
    key, answers = f"{state}-{RequestItem.objects.count()}", Person.objects.get(name="Answers")
    served = {"services": ["glue.amazonaws.com"], "owner": answers}
    role = factories.make_principal(bank.bi_account, key, **served)
    item = submit_bank_item(bank, idempotency_key=key, principal=role)
    RequestItem.objects.filter(pk=item.pk).update(state=state)
    item.refresh_from_db()
    return item


def build_transitions(table: str) -> dict[tuple[str, Verb, str], str]:
    """Where each verb leads, by state and person."""
    return {
        (state, way.verb, who): way.next_state or state
        for way in TABLES[table]
        for state in way.states
        for who in way.people
    }


def get_expected_error(table: str, verb: Verb, who: str) -> type[Exception]:
    """Who sees nothing finds nothing; who may not is told so; who may is too late, or too early."""
    if who in BLIND_ROLES[table]:
        return NotFoundError
    may = any(way.verb is verb and who in way.people for way in TABLES[table])
    return IllegalTransitionError if may else ForbiddenError


@pytest.mark.parametrize("state", ItemState.values)
def test_what_is_not_listed_is_refused_and_changes_nothing(
    bank: Bank, people: dict[str, Person], table: str, state: str
) -> None:
    item, listed = make_item_in_state(bank, state), build_transitions(table)
    before = Event.objects.count()
    for verb, who in product(VERBS, ROLE_DESCRIPTIONS):
        if (state, verb, who) not in listed:
            with pytest.raises(get_expected_error(table, verb, who)):
                verb(people[who], item)
    item.refresh_from_db()
    assert (item.state, Event.objects.count()) == (state, before)


def test_what_is_listed_leads_where_it_says(bank: Bank, people: dict[str, Person], table: str) -> None:
    listed, found = build_transitions(table), {}
    for state, verb, who in listed:
        item = make_item_in_state(bank, state)
        verb(people[who], item)
        found[state, verb, who] = RequestItem.objects.get(pk=item.pk).state
    assert found == listed
