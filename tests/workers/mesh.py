"""A small mesh on the pretend AWS: what an engine test asks for, changes behind the portal, and looks at."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.mirror.models import Table
from demo.bank.accounts import BI, GOVERNANCE, PARTNER, REGION
from fulfilment.intents.models import Intent
from identity.accounts import ConnectedCatalog, Principal
from identity.people.models import Membership, Person, Team
from kernel import clock
from lakeformation.access.link_naming import link_name
from lakeformation.values.permissions import DataCatalog
from mocklake.testing.athena_query import Answer, ask
from mocklake.testing.server import Cloud
from requests_app.access_requests.details import RequestDetails
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.models import SubgrantIntent
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.actions import submit_access_request
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.workers.aws_setup import (
    copy_table,
    make_account,
    make_principal,
    make_role,
    make_table,
    remove_role,
)
from tests.workers.engine_rounds import run_rounds, run_rounds_until

_numbers = itertools.count(1)
COLUMNS = ("policy_id", "gender", "region")
Granted = Grant | SubgrantIntent
ACCOUNT_TEAMS = {BI: "BI", PARTNER: "Actuary Partners"}


READ_PREFIXES = ("Get", "List", "AssumeRole", "Describe", "Search")


@dataclass
class Mesh:
    cloud: Cloud
    catalog: ConnectedCatalog
    owner: Person
    people: dict[str, Person]
    teams: dict[str, Team]
    roles: dict[str, Principal]
    table: Table

    @property
    def database(self) -> str:
        return self.table.database.name

    @property
    def link(self) -> str:
        return link_name(self.database, DataCatalog(GOVERNANCE, REGION))

    def enable_owner_account(self) -> None:
        """The owner's account uses data as well: BI's people ask for a role of it."""
        home = self.catalog.account
        home.team, home.is_consumer = self.teams[BI], True
        home.save()
        self.people[GOVERNANCE], self.teams[GOVERNANCE] = self.people[BI], self.teams[BI]
        self.roles[GOVERNANCE] = make_principal(self.cloud, home, f"home-{time.time_ns()}")

    # What people do

    def grant(
        self,
        columns: Sequence[str] = COLUMNS,
        account: str = BI,
        *,
        lasts: timedelta = timedelta(days=30),
        rows: str = "",
        metadata_only: bool = False,
        to: Principal | None = None,
    ) -> Grant:
        """Asked and approved, each widening with it; nothing is in AWS yet. No columns: the whole table."""
        now = clock.now()
        request = submit_access_request(
            acting_user=self.people[account],
            details=RequestDetails(
                self.teams[account], to or self.roles[account], now + lasts, {"purpose": "Quarterly reserve report"}
            ),
            items=[self.build_item(columns, rows, metadata_only=metadata_only)],
            idempotency_key=f"form-{next(_numbers)}", now=now,
        )  # fmt: skip
        shown = compute_effects(item := request.items.get())
        grant = approve_item(
            acting_user=self.owner, item_id=item.pk, effects_hash=compute_item_approval_hash(item), comment="", now=clock.now(),
            widenings=[one.key for one in shown.widenings],
        )  # fmt: skip
        assert grant is not None
        return grant

    def grant_to_account(
        self, columns: Sequence[str] = COLUMNS, account: str = BI, *, rows: str = ""
    ) -> Grant:
        """As `grant`, to the account as a whole."""
        whole = factories.make_account_principal(self.teams[account].accounts.get(account_id=account))
        return self.grant(columns, account, rows=rows, to=whole)

    def build_item(
        self, columns: Sequence[str], rows: str = "", *, metadata_only: bool = False
    ) -> RequestedItem:
        if metadata_only:
            return RequestedItem(self.table.pk, (), False, None, metadata_only=True)
        return RequestedItem(self.table.pk, tuple(columns), not columns, None, rows)

    def revoke(self, grant: Grant, now: datetime | None = None) -> None:
        revoke_grant(
            acting_user=self.owner, grant_id=grant.pk, reason="no longer needed", now=now or clock.now()
        )

    # What the workers do

    def run_rounds(self, rounds: int = 10) -> int:
        return run_rounds(rounds)

    def run_until_presence(self, grant: Granted, presence: str, *, seconds: float = 60) -> Intent:
        """Converge until the grant's intent is proven as told."""

        def proven(intent: Intent) -> bool:
            return intent.presence == presence and intent.proven_generation == intent.generation

        return self.run_until(grant, proven, seconds=seconds)

    def run_until(
        self, grant: Granted, condition: Callable[[Intent], bool], *, seconds: float = 60
    ) -> Intent:
        run_rounds_until(lambda: condition(self.get_intent(grant)), seconds=seconds)
        intent = self.get_intent(grant)
        assert condition(intent), (intent.presence, intent.failure)
        return intent

    def get_intent(self, grant: Granted) -> Intent:
        return Intent.objects.get(pk=grant.intent_id)

    # What AWS says

    def select_as_role(self, what: str = "*", account: str = BI) -> Answer:
        athena = self.cloud.client("athena", account, self.roles[account].name)
        return ask(athena, f"SELECT {what} FROM {self._get_database_name(account)}.{self.table.name} LIMIT 2")

    def _get_database_name(self, account: str) -> str:
        """As what the database is known in an account."""
        return self.database if account == GOVERNANCE else self.link

    def list_visible_columns(self, account: str = BI) -> list[str | None]:
        """The columns that the role can read just now; none when it is refused."""
        answer = self.select_as_role(account=account)
        return answer.rows[0] if answer.state == "SUCCEEDED" else []

    def select_distinct(self, what: str, account: str = BI) -> list[list[str | None]]:
        """Distinct values that the role reads just now, in order; none when it is refused."""
        athena = self.cloud.client("athena", account, self.roles[account].name)
        sql = f"SELECT DISTINCT {what} FROM {self._get_database_name(account)}.{self.table.name} ORDER BY 1"
        answer = ask(athena, sql)
        return answer.rows[1:] if answer.state == "SUCCEEDED" else []

    def list_filters(self) -> dict[str, str]:
        """Expressions of the table's data cells filters by name."""
        table = {"CatalogId": GOVERNANCE, "DatabaseName": self.database, "Name": self.table.name}
        found = self.governance_client().list_data_cells_filter(Table=table)["DataCellsFilters"]
        return {one["Name"]: one["RowFilter"].get("FilterExpression", "") for one in found}

    def list_filter_holders(self) -> set[str]:
        """Who holds a data cells filter of the table."""
        table = {"CatalogId": GOVERNANCE, "DatabaseName": self.database, "Name": self.table.name}
        rows = self.governance_client().list_permissions(Resource={"Table": table}, IncludeRelated="TRUE")
        return {
            row["Principal"]["DataLakePrincipalIdentifier"]
            for row in rows["PrincipalResourcePermissions"]
            if "DataCellsFilter" in row["Resource"]
        }

    def list_held_columns(self, account: str = BI) -> dict[str, list[str]]:
        """Columns by verb that the catalog holds for the account's role, in this mesh's database."""
        rows = self.governance_client().list_permissions(CatalogId=GOVERNANCE)["PrincipalResourcePermissions"]
        found: dict[str, list[str]] = {}
        for row in rows:
            resource = next(iter(row["Resource"].values()))
            mine = row["Principal"]["DataLakePrincipalIdentifier"] == self.roles[account].arn
            if mine and self.database in {resource.get("Name"), resource.get("DatabaseName")}:
                for verb in row["Permissions"]:
                    found[verb] = sorted({*found.get(verb, ()), *resource.get("ColumnNames", ())})
        return found

    # What somebody does behind the portal

    def governance_client(self, service: str = "lakeformation") -> Any:
        return self.cloud.client(service, GOVERNANCE)

    def revoke_outside_portal(self, columns: Sequence[str], account: str = BI) -> None:
        self.governance_client().revoke_permissions(**self._build_select(columns, account))

    def grant_outside_portal(self, columns: Sequence[str], account: str = BI, *, condition: str = "") -> None:
        extra = {"Condition": {"Expression": condition}} if condition else {}
        self.governance_client().grant_permissions(**self._build_select(columns, account), **extra)

    def _build_select(self, columns: Sequence[str], account: str) -> dict[str, Any]:
        where = {"DatabaseName": self.database, "Name": self.table.name, "ColumnNames": list(columns)}
        who = {"DataLakePrincipalIdentifier": self.roles[account].arn}
        return {"Principal": who, "Resource": {"TableWithColumns": where}, "Permissions": ["SELECT"]}

    def recreate_table(self) -> None:
        glue = self.governance_client("glue")
        where = {"DatabaseName": self.database, "Name": self.table.name}
        found = glue.get_table(**where)["Table"]
        glue.delete_table(**where)
        time.sleep(1.1)  # CreateTime has a resolution of a second
        copy_table(glue, found, self.database, self.table.name)

    def recreate_role(self, account: str = BI) -> None:
        iam, name = self.cloud.client("iam", account), self.roles[account].name
        remove_role(iam, name)
        make_role(iam, account, name)

    def list_writes(self, since: int = 0) -> list[str]:
        """Names of writing calls that the executors made after call number `since`."""
        calls = self.cloud.control(f"calls?since={since}")
        names = [call["operation"] for call in calls if "meshmarket-executor" in call["principal"]]
        return [name for name in names if not name.startswith(READ_PREFIXES)]

    def get_last_call(self) -> int:
        return max((call["number"] for call in self.cloud.control("calls?since=0")), default=0)


def make_mesh(cloud: Cloud) -> Mesh:
    number, owner = next(_numbers), factories.make_person("Jonas Weber")
    insurance = factories.make_team("Insurance", owners=[owner])
    governance = make_account(GOVERNANCE, insurance, is_governance=True, is_consumer=False)
    catalog = factories.make_catalog(governance, f"gov-{number}")
    catalog.location_role_arn = f"arn:aws:iam::{GOVERNANCE}:role/lakeformation-data-access"
    catalog.save()
    people, teams, roles = {}, {}, {}
    for account_id, name in ACCOUNT_TEAMS.items():
        people[account_id] = factories.make_person(f"Ana {name}")
        teams[account_id] = factories.make_team(name, members=[people[account_id]])
        factories.add_members(teams[account_id], Membership.Role.ACCOUNT_ADMIN, [people[account_id]])
        account = make_account(account_id, teams[account_id], in_organisation=account_id != PARTNER)
        roles[account_id] = make_principal(cloud, account, f"reader-{time.time_ns()}-{number}")
    table = make_table(cloud, catalog, factories.make_domain(insurance), f"lives_{time.time_ns()}_{number}")
    return Mesh(cloud, catalog, owner, people, teams, roles, table)
