"""Of many grants those on one table are found by an index."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fulfilment.intents.models import Intent, Justification
from fulfilment.observations.models import ObservedPermission
from fulfilment.permissions.queries import list_table_holders
from identity.accounts import ConnectedCatalog
from kernel import clock
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import DataCatalog
from tests.bank import Bank, make_bank
from tests.database import as_role, without_triggers
from workers.engine.intents import is_filter_wanted

ROLE = "arn:aws:iam::111122223333:role/r"


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def query_holders(catalog: ConnectedCatalog) -> object:
    return list_table_holders(catalog, "d7", "t7", clock.now())


def query_filter(catalog: ConnectedCatalog) -> object:
    place = DataCatalog(catalog.account.account_id, catalog.region)
    return is_filter_wanted(CellsFilter(place, "d7", "t7", "mm_1", "region = 'Ost'", ColumnSet.every()))


@pytest.mark.parametrize(
    ("ask", "table", "index"),
    [
        (query_holders, "fulfilment_justification", "justification_once"),
        (query_filter, "fulfilment_intent", "intent_on_table"),
    ],
)
def test_what_is_granted_on_a_table_is_found_by_an_index(
    bank: Bank, ask: Callable[[ConnectedCatalog], object], table: str, index: str
) -> None:
    catalog = bank.claims.database.catalog
    with without_triggers():
        intents = Intent.objects.bulk_create(build_intent(number) for number in range(800))
        Justification.objects.bulk_create(
            build_justification(catalog, intent, number) for number, intent in enumerate(intents)
        )
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=catalog, principal_arn=f"{ROLE}7", database="d7", table="t7", verb="SELECT",
            columns={"except": []}, seen_at=clock.now(),
        )  # fmt: skip
    with as_role("meshmarket_owner"), connection.cursor() as cursor:
        cursor.execute("ANALYZE fulfilment_intent, fulfilment_justification, fulfilment_observedpermission")
    with CaptureQueriesContext(connection) as caught:
        ask(catalog)
    (asked,) = [one["sql"] for one in caught.captured_queries if table in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan, plan


def build_intent(number: int) -> Intent:
    wanted = {"principal_arn": f"{ROLE}{number}", "database": f"d{number}", "table": f"t{number}"}
    return Intent(
        kind=Intent.Kind.GRANT, scope_key="share:1:1", subject=f"item:{number + 10_000}", effects={},
        wanted=wanted, created_at=clock.now(),
    )  # fmt: skip


def build_justification(catalog: ConnectedCatalog, intent: Intent, number: int) -> Justification:
    return Justification(
        intent=intent, account_id=catalog.account.account_id, region=catalog.region, verb="SELECT",
        principal_arn=f"{ROLE}{number}", database=f"d{number}", table=f"t{number}", columns={"except": []},
    )  # fmt: skip
