"""What is there already between two accounts: read as far as it concerns the access, however much there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from fulfilment.preview.tables import is_delivered, present_beside
from fulfilment.query_cache import Readings
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.models import Item
from requests_app.grants.models import Grant
from requests_app.targets.access import build_access, compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.evidence import see

pytestmark = pytest.mark.django_db
LINK = "resource link"


@pytest.fixture
def elsewhere(bank: Bank) -> Table:
    return factories.make_table(factories.make_database(bank.catalog, bank.domain, "motor_gold"), "fleet")


def asked_of(bank: Bank, table: Table, key: str) -> Item:
    return asked_item(bank, items=[RequestedItem(table.pk, ("claim_id",), False, None)], submission_key=key)


def present(bank: Bank, table: Table, key: str) -> Grant:
    grant = approve(bank, asked_of(bank, table, key))
    see(grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)
    return grant


def link_is_there(effects: Effects) -> bool:
    return any(LINK in line.text for line in effects.already_there)


def test_a_link_is_there_by_a_grant_in_the_same_database_alone(bank: Bank, elsewhere: Table) -> None:
    other = factories.make_table(bank.claims.database, "payouts")
    item = asked_of(bank, bank.claims, "asked")
    assert not link_is_there(compute_effects(item))

    present(bank, elsewhere, "elsewhere")
    assert not link_is_there(compute_effects(item))

    present(bank, other, "beside")
    assert link_is_there(compute_effects(item))


def test_of_other_databases_it_is_known_that_something_arrived_and_no_more_is_read(
    bank: Bank, elsewhere: Table
) -> None:
    access = build_access(asked_of(bank, bank.claims, "asked"))
    assert (
        present_beside(bank.catalog, access, Readings()),
        is_delivered(bank.catalog, access, Readings()),
    ) == ([], False)

    present(bank, elsewhere, "elsewhere")
    assert (
        present_beside(bank.catalog, access, Readings()),
        is_delivered(bank.catalog, access, Readings()),
    ) == ([], True)


def test_many_previews_ask_once(bank: Bank) -> None:
    access, readings = build_access(asked_of(bank, bank.claims, "asked")), Readings()
    present_beside(bank.catalog, access, readings)
    with CaptureQueriesContext(connection) as queries:
        present_beside(bank.catalog, access, readings)
    assert len(queries) == 0
