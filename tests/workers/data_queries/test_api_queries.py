"""Queries of the data API and profiles on the pretend AWS."""

from demo.bank.accounts import BI
from kernel import clock
from requests_app.data_queries.actions import request_profile
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.models import TableProfile
from requests_app.data_queries.queries import list_rows
from requests_app.data_queries.query_requests import QueryRequest, request_query
from requests_app.data_queries.states import QueryState
from tests import factories
from tests.workers.accounts.test_role_queries import trust_workers
from tests.workers.classification.scan_tables import let_read, make_people_table, make_sampling_role
from tests.workers.data_queries.query_setup import run_query
from tests.workers.mesh import Mesh


def test_filters_are_run_by_athena_with_the_grants_own_columns_and_rows(mesh: Mesh) -> None:
    trust_workers(mesh)
    mesh.run_until_presence(mesh.grant(["policy_id", "gender", "region"], rows="region = 'Nord'"), "present")
    domain = mesh.table.database.domain
    assert domain is not None
    product = factories.make_product(domain, mesh.owner, [mesh.table], "Lives")
    caller = Caller(mesh.people[BI])
    wanted = QueryRequest(
        str(mesh.table.pk),
        ["gender", "region"],
        [{"column": "gender", "op": "in", "value": ["F", "f", "female"]}],
        7,
    )
    query = run_query(request_query(caller=caller, slug=product.slug, wanted=wanted, now=clock.now()))
    assert (query.state, query.error) == (QueryState.SUCCEEDED, "")
    rows = list_rows(query, caller, clock.now())
    assert rows is not None
    assert len(rows) <= 7
    assert {row[1] for row in rows} <= {"Nord"}
    assert {row[0] for row in rows} <= {"F", "f", "female"}


def test_a_profile_counts_what_is_not_sensitive(mesh: Mesh) -> None:
    table, role = make_people_table(mesh), make_sampling_role(mesh)
    let_read(mesh, role, table)
    table.columns.update(classification="public")
    table.columns.filter(name="contact").update(classification="sensitive")
    query = run_query(request_profile(acting_user=mesh.owner, table_id=table.pk, now=clock.now()))
    assert (query.state, query.error) == (QueryState.SUCCEEDED, "")
    profile = TableProfile.objects.get(table=table)
    assert "contact" not in profile.columns
    assert (profile.row_count, profile.columns["bank_ref"]["distinct"]) == (30, 30)
    assert profile.columns["amount"]["least"] == "0.0"
