"""What is there already between two accounts: read as far as it concerns the access, however much there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from fulfilment.preview import is_delivered, list_present_accesses
from kernel.queries import QueryCache
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.engine_readings import write_presence

pytestmark = pytest.mark.django_db
LINK = "resource link"


@pytest.fixture
def elsewhere(bank: Bank) -> Table:
    return factories.make_table(factories.make_database(bank.catalog, bank.domain, "motor_gold"), "fleet")


def submit_for_table(bank: Bank, table: Table, key: str) -> RequestItem:
    return submit_bank_item(
        bank, items=[RequestedItem(table.pk, ("claim_id",), False, None)], idempotency_key=key
    )


def grant_present(bank: Bank, table: Table, key: str) -> Grant:
    grant = approve(bank, submit_for_table(bank, table, key))
    write_presence(grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)
    return grant


def has_link(effects: Effects) -> bool:
    return any(LINK in line.text for line in effects.already_there)


def test_a_link_is_there_by_a_grant_in_the_same_database_alone(bank: Bank, elsewhere: Table) -> None:
    other = factories.make_table(bank.claims.database, "payouts")
    item = submit_for_table(bank, bank.claims, "asked")
    assert not has_link(compute_effects(item))

    grant_present(bank, elsewhere, "elsewhere")
    assert not has_link(compute_effects(item))

    grant_present(bank, other, "beside")
    assert has_link(compute_effects(item))


def test_of_other_databases_it_is_known_that_something_arrived_and_no_more_is_read(
    bank: Bank, elsewhere: Table
) -> None:
    access = submit_for_table(bank, bank.claims, "asked").target.build_access()
    assert (
        list_present_accesses(bank.catalog, access, QueryCache()),
        is_delivered(bank.catalog, access, QueryCache()),
    ) == ([], False)

    grant_present(bank, elsewhere, "elsewhere")
    assert (
        list_present_accesses(bank.catalog, access, QueryCache()),
        is_delivered(bank.catalog, access, QueryCache()),
    ) == ([], True)


def test_many_previews_ask_once(bank: Bank) -> None:
    access, readings = submit_for_table(bank, bank.claims, "asked").target.build_access(), QueryCache()
    list_present_accesses(bank.catalog, access, readings)
    with CaptureQueriesContext(connection) as queries:
        list_present_accesses(bank.catalog, access, readings)
    assert len(queries) == 0
