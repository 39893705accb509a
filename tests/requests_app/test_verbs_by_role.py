"""Every verb on an item, in every state, by everyone: what the table does not hold is refused and changes nothing."""

from itertools import product

import pytest

from audit.models import Event
from identity.errors import ForbiddenError, NotFoundError
from identity.people.models import Person
from requests_app.access_requests.models import Item
from requests_app.access_requests.states import ItemState
from requests_app.state_transitions import IllegalTransitionError
from tests import factories
from tests.bank import Bank, asked_item
from tests.requests_app.policy_setup import in_force, needing
from tests.requests_app.review.test_delegation import entrust
from tests.requests_app.verbs_by_role import BY_SEVERAL, BY_THE_OWNER, PEOPLE, RULED, VERBS, Verb, people_of

TABLES = {"the owner's yes": BY_THE_OWNER, "the yes of several": BY_SEVERAL}
SEES_NOTHING = {"the owner's yes": {"stranger", "steward", "privacy"}, "the yes of several": {"stranger"}}


@pytest.fixture(params=["the owner's yes", pytest.param("the yes of several", marks=pytest.mark.all)])
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def people(bank: Bank, table: str) -> dict[str, Person]:
    made = people_of(bank)
    entrust(bank, made["delegate"])
    if TABLES[table] is BY_SEVERAL:
        in_force(bank, needing(*({"role": role} for role in RULED)))
    return made


def in_state(bank: Bank, state: str) -> Item:
    """The state alone: what else a decision writes is no verb's condition."""
    key, answers = f"{state}-{Item.objects.count()}", Person.objects.get(name="Answers")
    served = {"services": ["glue.amazonaws.com"], "owner": answers}
    role = factories.make_principal(bank.bi_account, key, **served)
    item = asked_item(bank, submission_key=key, principal=role)
    Item.objects.filter(pk=item.pk).update(state=state)
    item.refresh_from_db()
    return item


def ways(table: str) -> dict[tuple[str, Verb, str], str]:
    """Where each verb leads, by state and person."""
    return {
        (state, way.verb, who): way.leads_to or state
        for way in TABLES[table]
        for state in way.states
        for who in way.people
    }


def refusal(table: str, verb: Verb, who: str) -> type[Exception]:
    """Who sees nothing finds nothing; who may not is told so; who may is too late, or too early."""
    if who in SEES_NOTHING[table]:
        return NotFoundError
    may = any(way.verb is verb and who in way.people for way in TABLES[table])
    return IllegalTransitionError if may else ForbiddenError


@pytest.mark.parametrize("state", ItemState.values)
def test_what_is_not_listed_is_refused_and_changes_nothing(
    bank: Bank, people: dict[str, Person], table: str, state: str
) -> None:
    item, listed = in_state(bank, state), ways(table)
    before = Event.objects.count()
    for verb, who in product(VERBS, PEOPLE):
        if (state, verb, who) not in listed:
            with pytest.raises(refusal(table, verb, who)):
                verb(people[who], item)
    item.refresh_from_db()
    assert (item.state, Event.objects.count()) == (state, before)


def test_what_is_listed_leads_where_it_says(bank: Bank, people: dict[str, Person], table: str) -> None:
    listed, found = ways(table), {}
    for state, verb, who in listed:
        item = in_state(bank, state)
        verb(people[who], item)
        found[state, verb, who] = Item.objects.get(pk=item.pk).state
    assert found == listed
