"""Which intents are live: by the clock, whatever the state of their grant says."""

from datetime import timedelta

import pytest

from fulfilment.intents.models import list_live_intents
from kernel import clock
from requests_app.grants.actions import revoke_grant
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import as_role


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def test_an_intent_is_live_until_the_moment_of_its_end(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    assert list(list_live_intents()) == [grant.intent]
    with as_role("meshmarket_owner"):
        clock.advance(grant.ends_at - clock.now() + timedelta(seconds=1))
    assert list(list_live_intents()) == []


def test_an_intent_that_was_ended_is_not_live(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Not needed.", now=clock.now())
    assert list(list_live_intents()) == []
