"""What somebody changes behind the portal in the part *drift*: one function for each class of changes.

Each does one change in AWS, as the account's root, to what a holder was granted, and returns how to take back what
the engine must leave alone; of what it mends itself there is nothing to take back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from catalog.mirror.models import Table
from demo.bank.accounts import GOVERNANCE, REGION
from identity.accounts.models import Account, Principal
from requests_app.grants.models import Grant
from tools.chaos.compare import observed
from tools.chaos.compare.access_line import Holding
from tools.chaos.compare.resource_links import link_to
from tools.environment.worker_environment import Stage

Undo = Callable[[], object]
STRANGER = f"arn:aws:iam::{GOVERNANCE}:role/somebody-else"
HYBRID = ("insurance_gold", "claims")
"""A table whose location is in hybrid access mode."""


@dataclass(eq=False)
class Holder:
    """A role with a grant on a table; `columns` were agreed to, `others` are the table's further data columns.

    `is_ruled`: in some rows alone, by a filter that it shares with the others of the table. `by_table`: it finds the table
    behind a link of its own.
    """

    role: Principal
    table: Table
    grant: Grant
    columns: list[str]
    others: list[str]
    is_ruled: bool = False
    by_table: bool = False
    planted: set[Holding] = field(default_factory=set)
    """What a change put there for it, and nobody but who did may take away."""

    @property
    def consumer(self) -> Account:
        return self.role.account

    @property
    def place(self) -> tuple[str, str]:
        """Account and region of the granting catalog."""
        catalog = self.table.database.catalog
        return catalog.account.account_id, catalog.region

    @property
    def name(self) -> tuple[str, str]:
        """Of its table, with the database's."""
        return self.table.database.name, self.table.name

    @property
    def on(self) -> str:
        """What was granted: rows, columns, or columns in hybrid access mode."""
        return "rows" if self.is_ruled else "hybrid" if self.name == HYBRID else "columns"

    @property
    def keys(self) -> dict[str, object]:
        """What a change for it may concern besides, by the words of `Kind.alone`."""
        account, catalog = self.role.account_id, self.table.database.catalog_id
        found = {
            "holder": (self.role.arn, self.name), "role": self.role.arn, "table": self.name, "account": account,
            "share": (catalog, account), self.lands: (account, *self.linked), "database": self.name[0],
        }  # fmt: skip
        return {**found, "filter": self.name} if self.is_ruled else found

    @property
    def lands(self) -> str:
        """The word for what it is found behind."""
        return "table link" if self.by_table else "link"

    @property
    def linked(self) -> tuple[str, ...]:
        """What the link leads to: its table or, by name alone, the database."""
        return self.name if self.by_table else self.name[:1]

    @property
    def where(self) -> dict[str, Any]:
        return {"DatabaseName": self.table.database.name, "Name": self.table.name}

    def plant(self, principal: str, column: str) -> None:
        account, region = self.place
        self.planted.add((account, region, principal, self.table.database.name, self.table.name, column))


class Behind:
    """Root's hands in every account of the stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._clients: dict[tuple[str, str, str], Any] = {}

    def client(self, service: str, account: str, region: str = REGION) -> Any:
        key = service, account, region
        if key not in self._clients:
            self._clients[key] = self._stage.cloud.root(*key)
        return self._clients[key]

    @property
    def takes_grants_along(self) -> bool:
        """Whether a filter that is deleted takes its grants along; else it cannot be deleted while there are any."""
        return bool(self._stage.switches.get("filter_deletion_takes_grants", True))

    def rows_on_filter(self, holder: Holder, where: dict[str, str]) -> Iterator[dict[str, Any]]:
        """What is held on a filter, as RevokePermissions takes it."""
        table = {"CatalogId": holder.place[0], **holder.where}
        for row in observed.permission_rows(self.lake(holder), holder.place[0], table):
            if row["Resource"].get("DataCellsFilter") == where:
                yield {name: row[name] for name in ("Principal", "Resource", "Permissions")}

    def lake(self, holder: Holder) -> Any:
        return self.client("lakeformation", *holder.place)

    def change(self, do: str, holder: Holder, *, at: tuple[str, str] | None = None, **members: Any) -> None:
        account, region = at or holder.place
        self._stage.cloud.control("change", {"do": do, "account": account, "region": region, **members})

    def permission(self, do: str, holder: Holder, columns: list[str], principal: str = "") -> dict[str, Any]:
        """Grants or revokes SELECT on some columns; returns what was asked, for the way back."""
        asked: dict[str, Any] = {
            "Principal": {"DataLakePrincipalIdentifier": principal or holder.role.arn},
            "Resource": {"TableWithColumns": {**holder.where, "ColumnNames": columns}},
            "Permissions": ["SELECT"],
        }
        self.change(do, holder, **asked)
        return asked

    def link(self, holder: Holder) -> dict[str, str]:
        """The link in the holder's own account behind which it finds its table: see `link_to`."""
        glue = self.client("glue", holder.consumer.account_id, holder.consumer.region)
        return link_to(glue, *holder.linked)

    def filter(self, holder: Holder) -> dict[str, Any]:
        """The data cells filter that the holder's rows are held on, as UpdateDataCellsFilter takes it."""
        found = self.lake(holder).list_data_cells_filter(
            Table={"CatalogId": holder.place[0], **holder.where}, MaxResults=100
        )["DataCellsFilters"]
        ours = next(one for one in found if one["Name"].startswith(observed.OURS))
        return {name: value for name, value in ours.items() if name != "VersionId"}


def revoked(behind: Behind, holder: Holder) -> None:
    behind.permission("revoke", holder, holder.columns)


def fewer_columns(behind: Behind, holder: Holder) -> None:
    behind.permission("revoke", holder, holder.columns[:1])


def more_columns(behind: Behind, holder: Holder) -> Undo:
    behind.permission("grant", holder, holder.others[:1])
    holder.plant(holder.role.arn, holder.others[0])
    return lambda: behind.permission("revoke", holder, holder.others[:1])


def granted_to_another(behind: Behind, holder: Holder) -> Undo:
    account = behind.client("iam", GOVERNANCE)
    trust = '{"Version":"2012-10-17","Statement":[]}'
    try:
        account.create_role(RoleName=STRANGER.rpartition("/")[2], AssumeRolePolicyDocument=trust)
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
    behind.permission("grant", holder, holder.columns[:1], STRANGER)
    holder.plant(STRANGER, holder.columns[0])
    return lambda: behind.permission("revoke", holder, holder.columns[:1], STRANGER)


def filter_edited(behind: Behind, holder: Holder) -> None:
    behind.change(
        "edit_filter", holder, TableData={**behind.filter(holder), "RowFilter": {"AllRowsWildcard": {}}}
    )


def filter_deleted(behind: Behind, holder: Holder) -> None:
    """With its grants, where AWS does not let go of one that is granted."""
    named = behind.filter(holder)
    names = ("TableCatalogId", "DatabaseName", "TableName", "Name")
    where = {name: named[name] for name in names}
    if not behind.takes_grants_along:
        for row in behind.rows_on_filter(holder, where):
            behind.change("revoke", holder, **row)
    behind.change("delete_filter", holder, **where)


def link_dropped(behind: Behind, holder: Holder) -> None:
    at = holder.consumer.account_id, holder.consumer.region
    behind.change("drop_link", holder, at=at, **behind.link(holder))


def table_link_dropped(behind: Behind, holder: Holder) -> None:
    link_dropped(behind, holder)


def link_repointed(behind: Behind, holder: Holder) -> Undo:
    at, link = (holder.consumer.account_id, holder.consumer.region), behind.link(holder)
    target = {"CatalogId": GOVERNANCE, "DatabaseName": "nowhere", "Region": REGION}
    behind.change("repoint_link", holder, at=at, **link, Target=target | _table_of(link))
    return lambda: behind.change("drop_link", holder, at=at, **link)


def table_link_repointed(behind: Behind, holder: Holder) -> Undo:
    return link_repointed(behind, holder)


def _table_of(link: dict[str, str]) -> dict[str, str]:
    return {"Name": link["Name"]} if "Name" in link else {}


def share_deleted(behind: Behind, holder: Holder) -> None:
    behind.change("delete_share", holder, receiver=holder.consumer.account_id)


def location_deregistered(behind: Behind, holder: Holder) -> None:
    """Every location that the table lies in, so that none of those above it stands for it."""
    path = "arn:aws:s3:::" + holder.table.location.removeprefix("s3://").rstrip("/")
    known = behind.lake(holder).list_resources(MaxResults=100)["ResourceInfoList"]
    for arn in (one["ResourceArn"].rstrip("/") for one in known):
        if f"{path}/".startswith(f"{arn}/"):
            behind.change("deregister", holder, ResourceArn=arn)


def opt_in_removed(behind: Behind, holder: Holder) -> None:
    who = {"DataLakePrincipalIdentifier": holder.role.arn}
    behind.change("remove_opt_in", holder, Principal=who, Resource={"Table": holder.where})


def table_recreated(behind: Behind, holder: Holder) -> None:
    behind.change("recreate_table", holder, **holder.where)


def role_recreated(behind: Behind, holder: Holder) -> None:
    at = holder.consumer.account_id, holder.consumer.region
    behind.change("recreate_role", holder, at=at, RoleName=holder.role.name)


def left_to_iam(behind: Behind, holder: Holder) -> Undo:
    resource = {"Table": holder.where}
    behind.change("add_iam_allowed_principals", holder, Resource=resource)
    who = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    return lambda: behind.change("revoke", holder, Principal=who, Resource=resource, Permissions=["ALL"])


def version_lowered(behind: Behind, holder: Holder) -> Undo:
    lake = behind.lake(holder)
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    behind.change("lower_version", holder, version="2")
    return lambda: lake.put_data_lake_settings(DataLakeSettings=before)


@dataclass(frozen=True)
class Kind:
    """A class of changes. `finding` is what the portal calls it; `heals`: the engine mends it by itself.

    `on` says what must have been granted, where that matters. `alone` names what the change has for itself: nothing
    else is changed for the same role, on the same table, and so on. `ruins` names whose access is gone with it, by the
    same words; `ends`: for good, so that it has to be granted anew. `once` on a table: whoever it is done for.
    """

    do: Callable[[Behind, Holder], Undo | None]
    finding: str
    heals: bool = True
    on: str = ""
    alone: str = "holder"
    ruins: str = ""
    ends: bool = False
    once: bool = False

    @property
    def name(self) -> str:
        return self.do.__name__.replace("_", " ")


WIDE = (
    Kind(table_link_repointed, "link_repointed", heals=False, alone="table link", ruins="table link"),
    Kind(table_link_dropped, "link_dropped", alone="table link"),
    Kind(share_deleted, "share_gone", heals=False, alone="share", ruins="share", ends=True),
    Kind(role_recreated, "principal_recreated", heals=False, alone="role", ruins="role", ends=True),
    Kind(location_deregistered, "location_deregistered", on="columns", alone="database"),
    Kind(
        table_recreated, "table_recreated", heals=False, on="columns", alone="table", ruins="table", ends=True
    ),
    Kind(left_to_iam, "iam_allowed_back", heals=False, on="columns", alone="table"),
    Kind(link_repointed, "link_repointed", heals=False, alone="link", ruins="link"),
    Kind(link_dropped, "link_dropped", alone="link"),
)
"""What concerns many: one of each in a hand at most. What few holders are for comes first, then what needs the most room,
so that it finds it.
"""
NARROW = (
    Kind(revoked, "missing", on="columns"),
    Kind(fewer_columns, "fewer_columns", on="columns"),
    Kind(more_columns, "more_columns", heals=False, on="columns"),
    Kind(granted_to_another, "surplus_foreign", heals=False, on="columns", once=True),
    Kind(filter_edited, "filter_changed", on="rows", alone="filter"),
    Kind(filter_deleted, "filter_deleted", on="rows", alone="filter"),
    Kind(opt_in_removed, "opt_in_removed", on="hybrid"),
)
EVERYWHERE = Kind(version_lowered, "version_lowered", heals=False, alone="all", ruins="all")
"""It keeps the engine from granting anything: a hand of its own."""
KINDS = (*NARROW, *WIDE, EVERYWHERE)
