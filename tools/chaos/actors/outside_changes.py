"""What somebody changes behind the portal in the part *drift*: one function for each class of changes.

Each does one change in AWS, as the account's root, to what a holder was granted, and returns how to take back what
the engine must leave alone; of what it mends itself there is nothing to take back.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from catalog.mirror.models import Table
from demo.bank.accounts import GOVERNANCE, REGION
from identity.accounts import Account, Principal
from lakeformation.drift import DifferenceKind
from requests_app.grants.models import Grant
from tools.chaos.compare import observed_access
from tools.chaos.compare.approved_access import AccessLine
from tools.chaos.compare.resource_links import find_link
from tools.environment.worker_environment import WorkerEnvironment

Undo = Callable[[], object]
STRANGER = f"arn:aws:iam::{GOVERNANCE}:role/somebody-else"
HYBRID_TABLE = ("insurance_gold", "claims")
"""A table whose location is in hybrid access mode."""
CATALOG_CHANGE_INTERVAL = 5
"""One batch in so many is of the class that leaves nothing else to do."""
MANY_CHANGES = 500
"""From so many changes yet to make on, what ends grants for good comes by turns: to grant them anew takes longer than all
the rest of a batch.
"""


@dataclass(eq=False)
class GrantHolder:
    """A role with a grant on a table; `columns` were approved, `other_columns` are further data columns.

    `has_row_filter`: it is for some rows, by a filter of the table. `uses_table_link`: it finds the table
    behind a link of its own.
    """

    role: Principal
    table: Table
    grant: Grant
    columns: list[str]
    other_columns: list[str]
    has_row_filter: bool = False
    uses_table_link: bool = False
    outside_permissions: set[AccessLine] = field(default_factory=set)
    """What a change put there for it, and nobody but who did may take away."""

    @property
    def consumer(self) -> Account:
        return self.role.account

    @property
    def catalog_location(self) -> tuple[str, str]:
        """Account and region of the granting catalog."""
        catalog = self.table.database.catalog
        return catalog.account.account_id, catalog.region

    @property
    def table_name(self) -> tuple[str, str]:
        """The name of its table, with the database's."""
        return self.table.database.name, self.table.name

    @property
    def grant_kind(self) -> str:
        """What was granted: rows, columns, or columns in hybrid access mode."""
        return "rows" if self.has_row_filter else "hybrid" if self.table_name == HYBRID_TABLE else "columns"

    @property
    def resources(self) -> dict[str, object]:
        """What a change for it may concern besides, by the words of `ChangeKind.exclusive_resource`."""
        account, catalog = self.role.account_id, self.table.database.catalog_id
        found = {
            "holder": (self.role.arn, self.table_name), "role": self.role.arn, "table": self.table_name, "account": account,
            "share": (catalog, account), self.link_kind: (account, *self.link_target), "database": self.table_name[0],
        }  # fmt: skip
        return {**found, "filter": self.table_name} if self.has_row_filter else found

    @property
    def link_kind(self) -> str:
        """The word for what it is found behind."""
        return "table link" if self.uses_table_link else "link"

    @property
    def link_target(self) -> tuple[str, ...]:
        """What the link leads to: its table or, by name alone, the database."""
        return self.table_name if self.uses_table_link else self.table_name[:1]

    @property
    def table_reference(self) -> dict[str, Any]:
        return {"DatabaseName": self.table.database.name, "Name": self.table.name}

    def add_outside_permission(self, principal: str, column: str) -> None:
        account, region = self.catalog_location
        self.outside_permissions.add(
            (account, region, principal, self.table.database.name, self.table.name, column)
        )


class OutsideActor:
    """Root's hands in every account of the stage."""

    def __init__(self, stage: WorkerEnvironment) -> None:
        self._stage = stage
        self._clients: dict[tuple[str, str, str], Any] = {}

    def get_client(self, service: str, account: str, region: str = REGION) -> Any:
        key = service, account, region
        if key not in self._clients:
            self._clients[key] = self._stage.cloud.root(*key)
        return self._clients[key]

    @property
    def filter_deletion_revokes(self) -> bool:
        """Whether a filter that is deleted takes its grants along; else it cannot be deleted while there are any."""
        return bool(self._stage.switches.get("filter_deletion_takes_grants", True))

    def list_filter_permissions(self, holder: GrantHolder, where: dict[str, str]) -> Iterator[dict[str, Any]]:
        """What is held on a filter, as RevokePermissions takes it."""
        table = {"CatalogId": holder.catalog_location[0], **holder.table_reference}
        for row in observed_access.list_permission_rows(
            self.get_lake_formation(holder), holder.catalog_location[0], table
        ):
            if row["Resource"].get("DataCellsFilter") == where:
                yield {name: row[name] for name in ("Principal", "Resource", "Permissions")}

    def get_lake_formation(self, holder: GrantHolder) -> Any:
        return self.get_client("lakeformation", *holder.catalog_location)

    def list_shared_tables(self, holder: GrantHolder) -> list[str]:
        """ARNs by which shares with the holder's account carry its table."""
        ram = self.get_client("ram", *holder.catalog_location)
        rows = ram.list_resources(
            resourceOwner="SELF",
            principal=holder.consumer.account_id,
            resourceType="glue:Table",
            maxResults=500,
        )["resources"]
        database, table = holder.table_name
        paths = (f":table/{database}/{table}", f":table/{database}/*", ":table/*/*")
        return [row["arn"] for row in rows if row["arn"].endswith(paths)]

    def change_aws(
        self, operation: str, holder: GrantHolder, *, location: tuple[str, str] | None = None, **members: Any
    ) -> None:
        account, region = location or holder.catalog_location
        self._stage.cloud.control(
            "change", {"do": operation, "account": account, "region": region, **members}
        )

    def change_permission(
        self, do: str, holder: GrantHolder, columns: list[str], principal: str = ""
    ) -> dict[str, Any]:
        """Grants or revokes SELECT on some columns; returns what was asked, for the way back."""
        asked: dict[str, Any] = {
            "Principal": {"DataLakePrincipalIdentifier": principal or holder.role.arn},
            "Resource": {"TableWithColumns": {**holder.table_reference, "ColumnNames": columns}},
            "Permissions": ["SELECT"],
        }
        self.change_aws(do, holder, **asked)
        return asked

    def find_link(self, holder: GrantHolder) -> dict[str, str]:
        """The link in the holder's own account behind which it finds its table: see `link_target`."""
        glue = self.get_client("glue", holder.consumer.account_id, holder.consumer.region)
        return find_link(glue, *holder.link_target)

    def find_filter(self, holder: GrantHolder) -> dict[str, Any]:
        """The data cells filter that the holder's rows are held on, as UpdateDataCellsFilter takes it."""
        found = self.get_lake_formation(holder).list_data_cells_filter(
            Table={"CatalogId": holder.catalog_location[0], **holder.table_reference}, MaxResults=100
        )["DataCellsFilters"]
        ours = next(one for one in found if one["Name"].startswith(observed_access.PORTAL_PREFIX))
        return {name: value for name, value in ours.items() if name != "VersionId"}


@dataclass(frozen=True)
class ChangeKind:
    """A class of changes. `finding` is what the portal calls it; `is_repaired`: the engine mends it.

    `grant_kind`: what must have been granted, if that matters. `exclusive_resource` is the change's: nothing
    else is changed for the same role, table, and so on. `broken_resource`: whose access goes with it, by the
    same words; `ends_grant`: for good, so that it is granted anew. `once_per_table`: whoever it is done for.
    """

    apply: Callable[[OutsideActor, GrantHolder], Undo | None]
    finding: DifferenceKind
    is_repaired: bool = True
    grant_kind: str = ""
    exclusive_resource: str = "holder"
    broken_resource: str = ""
    ends_grant: bool = False
    once_per_table: bool = False

    @property
    def name(self) -> str:
        return self.apply.__name__.replace("_", " ")


def _link_table(link: dict[str, str]) -> dict[str, str]:
    return {"Name": link["Name"]} if "Name" in link else {}


def delete_share(behind: OutsideActor, holder: GrantHolder) -> None:
    behind.change_aws("delete_share", holder, receiver=holder.consumer.account_id)


def deregister_location(behind: OutsideActor, holder: GrantHolder) -> None:
    """Every location that the table lies in, so that none of those above it stands for it."""
    path = "arn:aws:s3:::" + holder.table.location.removeprefix("s3://").rstrip("/")
    known = behind.get_lake_formation(holder).list_resources(MaxResults=100)["ResourceInfoList"]
    for arn in (one["ResourceArn"].rstrip("/") for one in known):
        if f"{path}/".startswith(f"{arn}/"):
            behind.change_aws("deregister", holder, ResourceArn=arn)


def drop_link(behind: OutsideActor, holder: GrantHolder) -> None:
    at = holder.consumer.account_id, holder.consumer.region
    behind.change_aws("drop_link", holder, location=at, **behind.find_link(holder))


def drop_table_link(behind: OutsideActor, holder: GrantHolder) -> None:
    drop_link(behind, holder)


def grant_to_iam_allowed(behind: OutsideActor, holder: GrantHolder) -> Undo:
    resource = {"Table": holder.table_reference}
    behind.change_aws("add_iam_allowed_principals", holder, Resource=resource)
    who = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    return lambda: behind.change_aws("revoke", holder, Principal=who, Resource=resource, Permissions=["ALL"])


def recreate_role(behind: OutsideActor, holder: GrantHolder) -> None:
    at = holder.consumer.account_id, holder.consumer.region
    behind.change_aws("recreate_role", holder, location=at, RoleName=holder.role.name)


def recreate_table(behind: OutsideActor, holder: GrantHolder) -> None:
    behind.change_aws("recreate_table", holder, **holder.table_reference)


def repoint_link(behind: OutsideActor, holder: GrantHolder) -> Undo:
    at, link = (holder.consumer.account_id, holder.consumer.region), behind.find_link(holder)
    target = {"CatalogId": GOVERNANCE, "DatabaseName": "nowhere", "Region": REGION}
    behind.change_aws("repoint_link", holder, location=at, **link, Target=target | _link_table(link))
    return lambda: behind.change_aws("drop_link", holder, location=at, **link)


def repoint_table_link(behind: OutsideActor, holder: GrantHolder) -> Undo:
    return repoint_link(behind, holder)


def unshare_table(behind: OutsideActor, holder: GrantHolder) -> None:
    """What the share holds of the table, which from cross-account version 5 on are wildcards."""
    for resource in behind.list_shared_tables(holder):
        behind.change_aws("unshare_resource", holder, receiver=holder.consumer.account_id, resource=resource)


SHARED_CHANGES = (
    ChangeKind(
        repoint_table_link,
        DifferenceKind.LINK_REPOINTED,
        is_repaired=False,
        exclusive_resource="table link",
        broken_resource="table link",
    ),
    ChangeKind(drop_table_link, DifferenceKind.LINK_DROPPED, exclusive_resource="table link"),
    ChangeKind(
        delete_share,
        DifferenceKind.SHARE_GONE,
        exclusive_resource="share",
    ),
    ChangeKind(
        unshare_table,
        DifferenceKind.SHARE_GONE,
        exclusive_resource="share",
    ),
    ChangeKind(
        recreate_role,
        DifferenceKind.PRINCIPAL_RECREATED,
        is_repaired=False,
        exclusive_resource="role",
        broken_resource="role",
        ends_grant=True,
    ),
    ChangeKind(
        deregister_location,
        DifferenceKind.LOCATION_DEREGISTERED,
        grant_kind="columns",
        exclusive_resource="database",
    ),
    ChangeKind(
        recreate_table,
        DifferenceKind.TABLE_RECREATED,
        is_repaired=False,
        grant_kind="columns",
        exclusive_resource="table",
        broken_resource="table",
        ends_grant=True,
    ),
    ChangeKind(
        grant_to_iam_allowed,
        DifferenceKind.IAM_ALLOWED_BACK,
        is_repaired=False,
        grant_kind="columns",
        exclusive_resource="table",
    ),
    ChangeKind(
        repoint_link,
        DifferenceKind.LINK_REPOINTED,
        is_repaired=False,
        exclusive_resource="link",
        broken_resource="link",
    ),
    ChangeKind(drop_link, DifferenceKind.LINK_DROPPED, exclusive_resource="link"),
)
"""What concerns many: one of each in a batch at most. First what few holders are for, then what needs room,
so that it finds it.
"""
ENDING_KINDS = tuple(kind for kind in SHARED_CHANGES if kind.ends_grant)


def create_stranger(stage: WorkerEnvironment) -> None:
    trust = '{"Version":"2012-10-17","Statement":[]}'
    iam = stage.cloud.root("iam", GOVERNANCE)
    iam.create_role(RoleName=STRANGER.rpartition("/")[2], AssumeRolePolicyDocument=trust)


def revoke_permission(behind: OutsideActor, holder: GrantHolder) -> None:
    behind.change_permission("revoke", holder, holder.columns)


def revoke_column(behind: OutsideActor, holder: GrantHolder) -> None:
    behind.change_permission("revoke", holder, holder.columns[:1])


def grant_other_column(behind: OutsideActor, holder: GrantHolder) -> Undo:
    behind.change_permission("grant", holder, holder.other_columns[:1])
    holder.add_outside_permission(holder.role.arn, holder.other_columns[0])
    return lambda: behind.change_permission("revoke", holder, holder.other_columns[:1])


def grant_to_stranger(behind: OutsideActor, holder: GrantHolder) -> Undo:
    behind.change_permission("grant", holder, holder.columns[:1], STRANGER)
    holder.add_outside_permission(STRANGER, holder.columns[0])
    return lambda: behind.change_permission("revoke", holder, holder.columns[:1], STRANGER)


def edit_filter(behind: OutsideActor, holder: GrantHolder) -> None:
    behind.change_aws(
        "edit_filter", holder, TableData={**behind.find_filter(holder), "RowFilter": {"AllRowsWildcard": {}}}
    )


def delete_filter(behind: OutsideActor, holder: GrantHolder) -> None:
    """With its grants, where AWS does not let go of one that is granted."""
    named = behind.find_filter(holder)
    names = ("TableCatalogId", "DatabaseName", "TableName", "Name")
    where = {name: named[name] for name in names}
    if not behind.filter_deletion_revokes:
        for row in behind.list_filter_permissions(holder, where):
            behind.change_aws("revoke", holder, **row)
    behind.change_aws("delete_filter", holder, **where)


def remove_opt_in(behind: OutsideActor, holder: GrantHolder) -> None:
    who = {"DataLakePrincipalIdentifier": holder.role.arn}
    behind.change_aws("remove_opt_in", holder, Principal=who, Resource={"Table": holder.table_reference})


def lower_version(behind: OutsideActor, holder: GrantHolder) -> Undo:
    lake = behind.get_lake_formation(holder)
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    behind.change_aws("lower_version", holder, version="2")
    return lambda: lake.put_data_lake_settings(DataLakeSettings=before)


HOLDER_CHANGES = (
    ChangeKind(revoke_permission, DifferenceKind.MISSING, grant_kind="columns"),
    ChangeKind(revoke_column, DifferenceKind.FEWER_COLUMNS, grant_kind="columns"),
    ChangeKind(grant_other_column, DifferenceKind.MORE_COLUMNS, is_repaired=False, grant_kind="columns"),
    ChangeKind(
        grant_to_stranger,
        DifferenceKind.SURPLUS_FOREIGN,
        is_repaired=False,
        grant_kind="columns",
        once_per_table=True,
    ),
    ChangeKind(edit_filter, DifferenceKind.FILTER_CHANGED, grant_kind="rows", exclusive_resource="filter"),
    ChangeKind(delete_filter, DifferenceKind.FILTER_DELETED, grant_kind="rows", exclusive_resource="filter"),
    ChangeKind(remove_opt_in, DifferenceKind.OPT_IN_REMOVED, grant_kind="hybrid"),
)
CATALOG_CHANGE = ChangeKind(
    lower_version,
    DifferenceKind.VERSION_LOWERED,
    is_repaired=False,
    exclusive_resource="all",
    broken_resource="all",
)
"""It keeps the engine from granting anything: a batch of its own."""
CHANGE_KINDS = (*HOLDER_CHANGES, *SHARED_CHANGES, CATALOG_CHANGE)
PlannedChange = tuple[ChangeKind, GrantHolder]


class ClaimedResources:
    """What the changes of a batch concern: a thing is one change's alone, or shared by several."""

    def __init__(self) -> None:
        self._alone: set[object] = set()
        self._shared: set[object] = set()

    def claim(self, kind: ChangeKind, holder: GrantHolder) -> bool:
        """False when it does not go together with what was taken before."""
        keys = {word: (word, thing) for word, thing in holder.resources.items()}
        if kind.exclusive_resource not in keys:
            return False
        mine = {keys.pop(kind.exclusive_resource)} | (
            {(kind.name, holder.table_name)} if kind.once_per_table else set()
        )
        others = set(keys.values())
        if mine & (self._alone | self._shared) or others & self._alone:
            return False
        self._alone |= mine
        self._shared |= others
        return True


class BatchPlanner:
    """`plan_batch`: the first batch, and one in five, concerns everybody; the others have each wide class
    once, and the narrow ones by turns, for as many holders as fit. While many remain, a batch has one of the
    classes that end grants for good.
    """

    def __init__(self, seed: int) -> None:
        self._lots = random.Random(f"drift-{seed}")
        self._hands = 0

    def plan_batch(self, holders: Sequence[GrantHolder], limit: int) -> list[PlannedChange]:
        """At most so many changes, one a holder; at least one."""
        self._hands += 1
        free = self._lots.sample(holders, len(holders))
        if self._hands % CATALOG_CHANGE_INTERVAL == 1:
            return [(CATALOG_CHANGE, free[0])]
        taken = ClaimedResources()
        narrow = self._lots.sample(HOLDER_CHANGES, len(HOLDER_CHANGES))
        # Few holders are in hybrid access mode: none may be left when everything else is planned.
        wide = [
            kind for kind in SHARED_CHANGES if kind in self._list_ending_kinds(limit) or not kind.ends_grant
        ]
        first = [*wide[:3], *(kind for kind in HOLDER_CHANGES if kind.grant_kind == "hybrid"), *wide[3:]]
        hand = [card for kind in first[:limit] if (card := _plan_change(kind, free, taken))]
        misses = 0
        for kind in cycle(narrow):
            if len(hand) >= limit or misses == len(narrow):
                break
            card = _plan_change(kind, free, taken)
            misses = 0 if card else misses + 1
            hand += [card] if card else []
        return hand

    def _list_ending_kinds(self, most: int) -> Sequence[ChangeKind]:
        return ENDING_KINDS if most < MANY_CHANGES else [ENDING_KINDS[self._hands % len(ENDING_KINDS)]]


def _plan_change(kind: ChangeKind, free: list[GrantHolder], taken: ClaimedResources) -> PlannedChange | None:
    """For the first holder for whom the change can be made beside the others; it is free no more."""
    for holder in free:
        if kind.grant_kind in {"", holder.grant_kind} and taken.claim(kind, holder):
            free.remove(holder)
            return kind, holder
    return None
