"""Lists cost the same number of queries, however long they are."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app.grants.models import Grant
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_request
from tests.portal.conftest import make_client

MANY_JOINS = 13
ENDS_IN_LIMIT = re.compile(r" LIMIT \d+( OFFSET \d+)?$")


def count_queries(bank: Bank, address: str, *, as_owner: bool) -> int:
    client = make_client(bank.ines if as_owner else bank.ana)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    ("address", "as_owner", "most"),
    [
        ("/access-requests/", False, 16),
        ("/grants/", False, 18),
        ("/data-products/{}/access/", True, 31),
    ],
)
def test_a_longer_list_costs_no_more_queries(bank: Bank, address: str, *, as_owner: bool, most: int) -> None:
    address = address.format(bank.product.slug)
    add_requests(bank, range(2))
    few = count_queries(bank, address, as_owner=as_owner)
    add_requests(bank, range(2, 7))
    assert count_queries(bank, address, as_owner=as_owner) == few <= most


def test_the_page_of_a_product_costs_few_queries(bank: Bank) -> None:
    """Without those of the session and the frame of the page. One reads the names of all columns, for who has access: the columns
    themselves are read by pages.
    """
    add_requests(bank, range(2))
    frame = count_queries(bank, "/glossary/", as_owner=False)
    address = f"/data-products/{bank.product.slug}/"
    assert count_queries(bank, address, as_owner=False) - frame <= 36
    assert count_queries(bank, address, as_owner=False) - frame <= 1


@pytest.mark.parametrize(
    "address", ["/", "/grants/", "/grants/{grant}/", "/go/", "/data-products/{product}/access/"]
)
def test_no_statement_limits_rows_of_many_joins(bank: Bank, address: str) -> None:
    """PostgreSQL would plan it for a third of a second (ADR 84)."""
    add_requests(bank, range(2))
    client, sent = make_client(bank.ana), []

    def note(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        sent.append(str(sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        client.get(address.format(grant=Grant.objects.latest("pk").pk, product=bank.product.slug))
    assert sent
    assert not [sql for sql in sent if sql.count(" JOIN ") >= MANY_JOINS and ENDS_IN_LIMIT.search(sql)]


def add_requests(bank: Bank, numbers: range) -> None:
    """For each number a role of its own, with a request that waits and a grant on another column."""
    for number in numbers:
        role = factories.make_principal(bank.bi_account, f"role-{number}")
        for column in ("claim_id", "amount"):
            items = [RequestedItem(bank.claims.pk, (column,), whole_table=False, product_id=bank.product.pk)]
            asked = submit_bank_request(
                bank, principal=role, items=items, idempotency_key=f"{number}-{column}"
            )
        approve(bank, asked.items.get())
