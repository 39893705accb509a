"""Queries of the data API: who may ask, for which columns, and within which limits."""

from typing import Any

import pytest

from audit.models import Event
from identity.service_tokens import TokenScope
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.queries import get_own_query, list_rows
from requests_app.data_queries.query_requests import QueryRequest, request_query
from requests_app.grants.actions import revoke_grant
from tests import factories
from tests.bank import Bank
from tests.data_queries import finish_query, grant_columns
from tests.identity.service_tokens.samples import make_service_token


def ask(bank: Bank, caller: Caller | None = None, **changes: Any) -> DataQuery:
    wanted = QueryRequest(**{"table": str(bank.claims.pk), **changes})
    return request_query(
        caller=caller or Caller(bank.ana), slug=bank.product.slug, wanted=wanted, now=clock.now()
    )


def test_without_columns_all_that_may_be_read_are_asked_for(bank: Bank) -> None:
    grant_columns(bank, "claim_id", "amount")
    query = ask(bank, table=f"{bank.claims.database.name}.claims")
    assert (query.columns, query.principal, query.requested_by) == (
        ["claim_id", "amount"],
        bank.role,
        bank.ana,
    )


def test_the_record_names_columns_and_operators_but_no_value(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    ask(bank, filters=[{"column": "claim_id", "op": "=", "value": "C-4711"}])
    event = Event.objects.get(verb="request_data_query")
    assert event.data["filters"] == [{"column": "claim_id", "op": "="}]
    assert "C-4711" not in str(event.data)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"columns": ["claim_id", "iban"]}, "columns.1"),
        ({"columns": ["nothing"]}, "columns.0"),
        ({"columns": ["claim_id", "claim_id"]}, "columns.1"),
        ({"filters": [{"column": "iban", "op": "=", "value": "x"}]}, "filters.0.column"),
        ({"limit": 10_001}, "limit"),
        ({"limit": 0}, "limit"),
        ({"table": "987654321"}, "table"),
        ({"table": "elsewhere.claims"}, "table"),
        ({"principal": "arn:aws:iam::1:role/x"}, "principal"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(bank: Bank, changes: dict[str, Any], place: str) -> None:
    grant_columns(bank, "claim_id", "amount")
    with pytest.raises(RefusedError) as error:
        ask(bank, **changes)
    assert error.value.field == place


def test_without_proven_access_nothing_can_be_asked(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="None of your roles"):
        ask(bank)
    with pytest.raises(RefusedError, match="None of your roles"):
        ask(bank, Caller(bank.sam))


def test_only_so_many_queries_are_open_at_once(bank: Bank, settings: Any) -> None:
    settings.OPEN_QUERIES = 1
    grant_columns(bank, "claim_id")
    ask(bank)
    with pytest.raises(RefusedError, match="still open"):
        ask(bank)


def test_a_token_asks_for_what_its_team_may_read(bank: Bank) -> None:
    factories.add_members(bank.bi, "data_owner", [bank.ana])
    token = make_service_token(bank.ana, scopes=(TokenScope.DATA_READ,)).token
    with pytest.raises(NotFoundError):
        ask(bank, Caller(token=token))
    grant_columns(bank, "claim_id")
    query = ask(bank, Caller(token=token))
    assert (query.token, query.requested_by) == (token, None)
    assert Event.objects.get(verb="request_data_query").actor == f"service_token:{token.pk}"
    with pytest.raises(NotFoundError):
        get_own_query(Caller(bank.ana), DataQuery.Kind.QUERY, query.pk)


def test_rows_are_for_who_asked_while_the_access_lives(bank: Bank) -> None:
    grant = grant_columns(bank, "claim_id")
    query = finish_query(ask(bank), [["C-1"], ["C-2"]])
    assert list_rows(query, Caller(bank.ana), clock.now()) == [["C-1"], ["C-2"]]
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    assert list_rows(query, Caller(bank.ana), clock.now()) is None
