"""Some rows of a query that joins many tables."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Table
from kernel.queries import get_first_row, limit_rows
from tests.bank import make_bank
from tests.factories import make_table

pytestmark = pytest.mark.django_db
ROWS = Table.objects.select_related("database__catalog__account").order_by("-name", "pk")


@pytest.fixture(autouse=True)
def tables() -> None:
    bank = make_bank()
    for name in ("b", "c", "a", "d"):
        make_table(bank.claims.database, name=name)


@pytest.mark.parametrize(("start", "stop"), [(0, 3), (2, 4), (4, 9), (9, 12)])
def test_they_are_those_of_the_slice_in_its_order(start: int, stop: int) -> None:
    assert list(limit_rows(ROWS, stop, start=start)) == list(ROWS[start:stop])


def test_one_statement_reads_them_with_their_related_rows() -> None:
    with CaptureQueriesContext(connection) as caught:
        names = [one.database.catalog.account.name for one in limit_rows(ROWS, 2)]
    assert (len(names), len(caught)) == (2, 1)
    assert "LIMIT 2)" in caught[0]["sql"]


def test_a_filter_on_related_rows_holds() -> None:
    assert not list(limit_rows(ROWS.filter(database__name="elsewhere"), 3))


def test_the_first_row_is_read_without_limit() -> None:
    row = ROWS[0]
    with CaptureQueriesContext(connection) as caught:
        assert get_first_row(ROWS.filter(pk=row.pk)) == row
        assert get_first_row(ROWS.filter(pk=-1)) is None
    assert not [one["sql"] for one in caught if "LIMIT" in one["sql"]]
