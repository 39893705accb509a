"""Fixtures: the admin of BI's account and a local group of it. They need a fixture `bank`."""

import pytest

from identity.accounts import LocalGroup
from identity.people.models import Membership, Person
from kernel import clock
from requests_app.grants.subgrants.actions import add_local_group_member, create_local_group
from tests import factories
from tests.bank import Bank


@pytest.fixture
def tom(bank: Bank) -> Person:
    """The admin of BI's account."""
    person = factories.make_person("Tom Brandt")
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [person])
    return person


@pytest.fixture
def group(bank: Bank, tom: Person) -> LocalGroup:
    """Actuaries, with BI's role."""
    where, now = bank.bi_account.account_id, clock.now()
    made = create_local_group(acting_user=tom, account_id=where, name="Actuaries", now=now)
    add_local_group_member(acting_user=tom, account_id=where, group_id=made.pk, arn=bank.role.arn, now=now)
    return made
