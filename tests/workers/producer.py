"""A producer of the mesh that registers tables, and what AWS says of them."""

from dataclasses import dataclass
from typing import Any

from catalog.products.models import Domain
from catalog.registrations.models import Registration
from catalog.registrations.queries import get_registration, get_status, list_problems
from catalog.registrations.states import RegistrationStatus
from demo.bank.accounts import GOVERNANCE
from tests.registrations import GOLD, approve, ask, build_content, make_engineer_person
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.mesh import Mesh

WRITES = {"ALTER", "DELETE", "DESCRIBE", "INSERT"}


@dataclass
class Producer:
    mesh: Mesh
    account: str
    database: str

    @property
    def domain(self) -> Domain:
        return get_domain(self.mesh)

    def register(self, table: str = "policies", **changes: Any) -> Registration:
        """Asked by a developer, approved by the data owner; nothing is in AWS yet."""
        words = {"database": self.database, "table": table, "location": f"{GOLD}{self.database}/{table}/"}
        content = build_content(
            self.mesh.catalog, self.domain, self.mesh.roles[self.account], **words | changes
        )
        return approve(self.mesh.owner, ask(make_engineer_person(self.domain), content))

    def run_until(self, row: Registration, status: RegistrationStatus) -> None:
        run_rounds_until(lambda: self.get_status(row) == status, seconds=40)
        assert self.get_status(row) == status, list_problems(get_registration(self.mesh.owner, row.pk))

    def get_status(self, row: Registration) -> RegistrationStatus:
        return get_status(get_registration(self.mesh.owner, row.pk))

    def find_table(self, row: Registration) -> dict[str, Any]:
        glue = self.mesh.governance_client("glue")
        found: dict[str, Any] = glue.get_table(DatabaseName=row.database, Name=row.table)["Table"]
        return found

    def list_holders(self) -> dict[str, set[str]]:
        """Verbs by principal on the registered database and all in it."""
        rows = self.mesh.governance_client().list_permissions(CatalogId=GOVERNANCE)[
            "PrincipalResourcePermissions"
        ]
        found: dict[str, set[str]] = {}
        for row in rows:
            on = next(iter(row["Resource"].values()))
            if self.database in {on.get("Name"), on.get("DatabaseName")}:
                found.setdefault(row["Principal"]["DataLakePrincipalIdentifier"], set()).update(
                    row["Permissions"]
                )
        return found


def get_domain(mesh: Mesh) -> Domain:
    domain = mesh.table.database.domain
    assert domain is not None
    return domain
