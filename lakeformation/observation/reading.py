"""One complete reading of a scope. A denied or partial reading is never stored as one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from lakeformation.access.access import Access
from lakeformation.observation.unknown_rows import UnknownRow, UnknownRowIndex
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.permissions import ALL_TABLES, HeldPermissions, OptIn, Permission
from lakeformation.values.resource_links import Link, LinkDatabase, SharedResource
from lakeformation.values.row_policies import (
    NO_ROW_POLICIES,
    RowPolicies,
    RowPolicyAttachment,
    TableTags,
    describe_attachments,
    describe_row_doubt,
)

IAM_ALLOWED_PRINCIPALS = "IAM_ALLOWED_PRINCIPALS"
UNREGISTERED_REASON = "is not registered with Lake Formation yet"
"""End of the reason why an intent waits for a data location."""


class InvitationState(StrEnum):
    """The state of an invitation that was not accepted. UNKNOWN is neither open nor closed."""

    OPEN = "open"
    EXPIRED = "over"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Invitation:
    """A RAM invitation that was not accepted, as its receiver sees it. `is_old`: perhaps it is over though it looks
    open, as AWS's guides disagree on how long it stands.
    """

    arn: str
    share_arn: str
    sender: str
    state: InvitationState = InvitationState.OPEN
    is_old: bool = False


@dataclass(frozen=True)
class Observation:
    """`tables` and `principals` hold identities: CreateTime by (database, table), a database's own by (database, `*`),
    RoleId by ARN; a missing key is a thing that does not exist. `named_shares` are the shares that Lake Formation named for
    the rows read, by ARN; `accepted_shares` those of the sender that the receiver sees as active and the sender as
    associated; `permissions_by_share`, those in no accepted share. `received_resources` are ARNs of Glue's databases and
    tables, wildcards too, in accepted shares; `sent_resources` those in any share with the receiver; `stopped_shares`
    are shares that RAM does not open for it, with the status that it says; `has_unknown_share`: one has a status that is
    not known. `unknown_rows` are what cannot be judged in the owner's and the consumer's catalog. `filters` are data cells filters of the owner's catalog by database, table,
    name; `hybrid_locations`, of `locations`, those in hybrid access mode. `taken_names` are the names in the
    consumer's catalog that are taken, by whatever: of databases, and as `database/table` of tables;
    `link_databases`, of these, the ones that bear our mark. `row_policies` are of the owner's catalog; `table_tags` are LF-Tags
    by database and table as far as they are known.
    """

    held: HeldPermissions = field(default_factory=dict)
    links: frozenset[Link] = frozenset()
    taken_names: frozenset[str] = frozenset()
    link_databases: frozenset[LinkDatabase] = frozenset()
    locations: frozenset[str] = frozenset()
    tables: dict[tuple[str, str], str] = field(default_factory=dict)
    principals: dict[str, str] = field(default_factory=dict)
    invitations: tuple[Invitation, ...] = ()
    named_shares: frozenset[str] = frozenset()
    accepted_shares: frozenset[str] = frozenset()
    permissions_by_share: dict[str, frozenset[Permission]] = field(default_factory=dict)
    received_resources: frozenset[str] = frozenset()
    sent_resources: frozenset[str] = frozenset()
    stopped_shares: dict[str, str] = field(default_factory=dict)
    has_unknown_share: bool = False
    unknown_rows: frozenset[UnknownRow] = frozenset()
    filters: dict[FilterKey, CellsFilter] = field(default_factory=dict)
    opt_ins: frozenset[OptIn] = frozenset()
    hybrid_locations: frozenset[str] = frozenset()
    row_policies: RowPolicies = NO_ROW_POLICIES
    table_tags: Mapping[tuple[str, str], TableTags] = field(default_factory=dict)

    def get_stale_reason(self, access: Access) -> str:
        """Why the access is no longer what was approved, as a sentence; empty when it still is.

        Names are not identities: a recreated table has lost its permissions and nobody approved
        it; a recreated role of the same ARN keeps what the old one was granted.
        """
        if self.principals.get(access.principal_arn) is None:
            return describe_deleted(access.principal_arn)
        if self.principals[access.principal_arn] != access.parties.principal_id:
            return describe_recreated(access.principal_arn)
        for (database, table), created in access.identities.items():
            name = _name_target(database, table)
            seen = self.tables.get((database, table))
            if seen is None:
                return describe_deleted(name)
            if seen != created:
                return describe_recreated(name)
        return ""

    def describe_missing(self, access: Access) -> str:
        """Of what Glue, asked by name, says that it is not there, as a sentence; empty where everything is."""
        gone = sorted(_name_target(*one) for one in access.identities if one not in self.tables)
        return f"Glue has no {' and no '.join(gone)}: permissions on it went with it" if gone else ""

    def is_link_database_empty(self, one: LinkDatabase) -> bool:
        """Whether no table lies in it, ours or anybody's."""
        return not any(name.startswith(f"{one.name}/") for name in self.taken_names)

    def is_registered(self, access: Access) -> bool:
        """Whether the access's data lie under a registered location, or need none."""
        return not self.list_unregistered(access)

    def list_unregistered(self, access: Access) -> tuple[str, ...]:
        """ARNs of the access's data that lie under no registered location."""
        wanted = (location.arn for location in access.registrations)
        return tuple(arn for arn in wanted if not any(is_path_covered(one, arn) for one in self.locations))

    def list_lacking_tables(self, access: Access) -> frozenset[tuple[str, str]]:
        """Of the tables that the access awaits, those that are not there."""
        return access.awaited_tables - self.tables.keys()

    def list_undelivered(self, access: Access) -> list[SharedResource]:
        """What the access needs in a share and the receiver sees in none."""
        return sorted(one for one in access.shared_resources if not one.is_in(self.received_resources))

    def list_unshared(self, access: Access) -> list[SharedResource]:
        """Of what is not delivered, what the sender no longer shares: no invitation brings it. Nothing while a share has a
        status that is not known.
        """
        if self.has_unknown_share:
            return []
        return [one for one in self.list_undelivered(access) if not one.is_in(self.sent_resources)]

    def list_closed_shares(self, *standings: InvitationState) -> frozenset[str]:
        """ARNs of the shares of ours that their receiver can accept no more, because of one of these."""
        closed = {one.share_arn for one in self.invitations if one.state in standings}
        others = {one.share_arn for one in self.invitations if one.state not in standings}
        return frozenset(
            closed & self.named_shares & self.permissions_by_share.keys() - others - self.accepted_shares
        )

    def expire_old_invitations(self) -> "Observation":
        """The observation with old open invitations marked as expired."""
        return replace(self, invitations=tuple(_expire_if_old(one) for one in self.invitations))

    def get_unknown_reason(self, access: Access) -> str:
        """Why the absence of the access is not proven, as a sentence without its stop; empty where nothing is in the way."""
        if reason := self._unknown_index.get_reason(access.principal_arn):
            return reason
        named = [one for one in self._list_row_policies(access) if one.principal]
        if not named:
            return ""
        what = describe_attachments(named)
        return f"a row-level security policy is still attached, and AWS does not document whether that alone shows rows: {what}"

    def get_row_doubt(self, access: Access) -> str:
        """Why it is not proven that the access shows exactly the rows that it asks for, as a phrase; empty where it is."""
        if not access.opens_data:
            return ""
        if self.row_policies.unread:
            return self.row_policies.unread
        return describe_row_doubt(self._list_row_policies(access))

    def _list_row_policies(self, access: Access) -> list[RowPolicyAttachment]:
        """Those that may change what the access shows."""
        tables = access.reachable_tables
        return self.row_policies.list_applying(access.principal_arn, tables, self.table_tags)

    @cached_property
    def _unknown_index(self) -> UnknownRowIndex:
        return UnknownRowIndex(self.unknown_rows)

    def is_open_to_iam(self, access: Access) -> bool:
        """Whether IAM lets the principal read besides Lake Formation."""
        return is_open_to_iam(self._iam_permissions, access) and not self.is_hybrid(access)

    @cached_property
    def _iam_permissions(self) -> HeldPermissions:
        """The permissions of IAMAllowedPrincipals."""
        return {p: columns for p, columns in self.held.items() if p.principal == IAM_ALLOWED_PRINCIPALS}

    def is_hybrid(self, access: Access) -> bool:
        """Whether the data lie where Lake Formation decides for those alone who opted in."""
        return any(is_hybrid(one.arn, self.locations, self.hybrid_locations) for one in access.registrations)

    def get_filter_problem(self, wanted: CellsFilter) -> str:
        """See `get_filter_problem`."""
        return get_filter_problem(self.filters, wanted)


def _name_target(database: str, table: str) -> str:
    return name_database(database) if table == ALL_TABLES else name_table(database, table)


def _expire_if_old(one: Invitation) -> Invitation:
    is_over = one.is_old and one.state is InvitationState.OPEN
    return replace(one, state=InvitationState.EXPIRED) if is_over else one


def get_filter_problem(seen: Mapping[FilterKey, CellsFilter], wanted: CellsFilter) -> str:
    """Why a filter is not the one that is wanted, as a phrase; empty when it is."""
    found = seen.get(wanted.key)
    if found is None:
        return f"data cells filter {wanted.name} on {wanted.database}.{wanted.table} is not there"
    return "" if found == wanted else f"data cells filter {wanted.name} was changed by someone"


def is_open_to_iam(held: HeldPermissions, access: Access) -> bool:
    """Whether IAMAllowedPrincipals holds the table: then Lake Formation does not guard it."""
    return any(p.principal == IAM_ALLOWED_PRINCIPALS and access.is_about(p) for p in held)


def is_hybrid(path: str, locations: Iterable[str], hybrid: Collection[str]) -> bool:
    """Whether the most specific registered location of a path is in hybrid access mode."""
    fitting = [arn for arn in locations if is_path_covered(arn, path)]
    return bool(fitting) and max(fitting, key=len) in hybrid


def is_path_covered(registered: str, wanted: str) -> bool:
    """Whether a registered path is the wanted one or lies above it."""
    return wanted == registered or wanted.startswith(registered.rstrip("/") + "/")


_RECREATED, _DELETED = "was created again after the approval", "no longer exists"
_DATABASE, _TABLE = "database ", "table "


class StaleReason(StrEnum):
    TABLE_RECREATED = "table_recreated"
    TABLE_DELETED = "table_deleted"
    DATABASE_RECREATED = "database_recreated"
    DATABASE_DELETED = "database_deleted"
    PRINCIPAL_RECREATED = "principal_recreated"
    PRINCIPAL_DELETED = "principal_deleted"


_CAUSES = {
    (_TABLE, True): StaleReason.TABLE_RECREATED,
    (_TABLE, False): StaleReason.TABLE_DELETED,
    (_DATABASE, True): StaleReason.DATABASE_RECREATED,
    (_DATABASE, False): StaleReason.DATABASE_DELETED,
    ("", True): StaleReason.PRINCIPAL_RECREATED,
    ("", False): StaleReason.PRINCIPAL_DELETED,
}


def name_table(database: str, table: str) -> str:
    return f"{_TABLE}{database}.{table}"


def name_database(database: str) -> str:
    return f"{_DATABASE}{database}"


def describe_recreated(name: str) -> str:
    """Of a table or database as named above, or a principal by its ARN."""
    return f"{name} {_RECREATED}"


def describe_deleted(name: str) -> str:
    return f"{name} {_DELETED}"


RECREATED_TABLE_PATTERN = f"^{_TABLE}.* {_RECREATED}$"
"""Matches the sentences of which `parse_stale_reason` says `TABLE_RECREATED`."""


def parse_stale_reason(reason: str) -> StaleReason | None:
    """The cause that a sentence tells; None for another one."""
    if not reason.endswith((_RECREATED, _DELETED)):
        return None
    kind = next((one for one in (_TABLE, _DATABASE) if reason.startswith(one)), "")
    return _CAUSES[kind, reason.endswith(_RECREATED)]
