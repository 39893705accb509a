"""Choosing how granted tables land in an account, and reading them there."""

from demo.bank.accounts import BI, GOVERNANCE, REGION
from kernel import clock
from lakeformation.values.permissions import DataCatalog
from lakeformation.values.resource_links import link_database_name
from mocklake.testing.athena_query import ask
from requests_app.grants.link_naming.actions import choose_link_naming
from tests.workers.mesh import COLUMNS, Mesh

ALL = [*COLUMNS, "snapshot_date"]


def choose_naming(mesh: Mesh, way: str, account: str = BI, database: str = "") -> None:
    choose_link_naming(
        acting_user=mesh.people[account],
        account_id=account,
        database=database,
        link_naming=way,
        now=clock.now(),
    )
    mesh.roles[account].account.refresh_from_db()


def get_landing_name(mesh: Mesh) -> str:
    return link_database_name(mesh.database, DataCatalog(GOVERNANCE, REGION))


def read_columns(mesh: Mesh, database: str, account: str = BI, role: str = "") -> list[str | None]:
    """The columns that the role reads there just now; none when it is refused."""
    athena = mesh.cloud.client("athena", account, role or mesh.roles[account].name)
    answer = ask(athena, f"SELECT * FROM {database}.{mesh.table.name} LIMIT 2")
    return answer.rows[0] if answer.state == "SUCCEEDED" else []
