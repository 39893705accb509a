"""A role that trusts the workers, with a workgroup that limits what a query scans."""

from demo.bank.accounts import BI
from identity.accounts.models import Account
from requests_app.data_queries.models import DataQuery
from tests.database import as_role
from tests.workers.accounts.test_role_queries import trust_workers
from tests.workers.mesh import Mesh
from workers.data_queries.runs import advance_query

WORKGROUP = "marketplace"
MAX_BYTES = 100_000_000


def prepare_role(mesh: Mesh, account: str = BI) -> None:
    """The role of the account's readers trusts the workers, and there is a workgroup with a limit."""
    trust_workers(mesh)
    athena = mesh.cloud.client("athena", account)
    known = [one["Name"] for one in athena.list_work_groups()["WorkGroups"]]
    if WORKGROUP not in known:
        settings = {
            "ManagedQueryResultsConfiguration": {"Enabled": True},
            "BytesScannedCutoffPerQuery": MAX_BYTES,
        }
        athena.create_work_group(Name=WORKGROUP, Configuration=settings)
    assert Account.objects.filter(account_id=account).exists()


def run_query(query: DataQuery, *, passes: int = 30) -> DataQuery:
    with as_role("meshmarket_worker"):
        for _ in range(passes):
            if advance_query(query.pk):
                break
    query.refresh_from_db()
    return query
