"""Requests for sample rows and profiles: who may ask, and how often."""

from typing import Any

import pytest

from audit.models import Event
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.data_queries.actions import cancel_query, request_profile, request_sample
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.queries import get_own_query
from requests_app.data_queries.states import QueryState
from tests.bank import Bank
from tests.data_queries import finish_query, grant_columns
from tests.database import as_role
from workers.data_queries import advance_query


def ask(bank: Bank) -> DataQuery:
    return request_sample(acting_user=bank.ana, table_id=bank.claims.pk, now=clock.now())


def test_without_access_while_one_waits_and_after_too_many_it_is_refused(bank: Bank, settings: Any) -> None:
    with pytest.raises(RefusedError, match="None of your roles"):
        ask(bank)
    grant_columns(bank, "claim_id")
    query = ask(bank)
    with pytest.raises(RefusedError, match="already"):
        ask(bank)
    finish_query(query, [["C-1"]])
    settings.SAMPLES_PER_HOUR = 1
    with pytest.raises(RefusedError, match="in the last hour"):
        ask(bank)


def test_the_record_says_who_read_which_columns_as_whom(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    finish_query(ask(bank), [["C-4711"]])
    asked, read = (Event.objects.get(verb=verb) for verb in ("request_sample", "finish_data_query"))
    assert (asked.data["columns"], asked.data["principal"]) == (["claim_id"], bank.role.arn)
    assert (read.data["rows"], read.data["person"]) == (1, bank.ana.pk)
    assert "C-4711" not in str([asked.data, read.data])


def test_a_cancelled_query_is_not_started(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    query = ask(bank)
    with pytest.raises(NotFoundError):
        cancel_query(caller=Caller(bank.ines), query_id=query.pk, now=clock.now())
    cancel_query(caller=Caller(bank.ana), query_id=query.pk, now=clock.now())
    with as_role("meshmarket_worker"):
        assert advance_query(query.pk)
    query.refresh_from_db()
    assert (query.state, query.execution) == (QueryState.CANCELLED, "")


def test_nobody_but_who_asked_sees_the_query(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    query = ask(bank)
    for person in (bank.ines, bank.greta):
        with pytest.raises(NotFoundError):
            get_own_query(Caller(person), DataQuery.Kind.SAMPLE, query.pk)


def test_a_profile_is_for_data_owners_with_a_sampling_role(bank: Bank) -> None:
    with pytest.raises(ForbiddenError):
        request_profile(acting_user=bank.ana, table_id=bank.claims.pk, now=clock.now())
    with pytest.raises(RefusedError, match="no sampling role"):
        request_profile(acting_user=bank.ines, table_id=bank.claims.pk, now=clock.now())
