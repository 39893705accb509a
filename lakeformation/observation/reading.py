"""One complete reading of what a scope concerns. A denied or partial reading is none at all."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from lakeformation.access.access import Access
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.permissions import Held, OptIn, Permission
from lakeformation.values.resource_links import LandingDatabase, Link, Share

IAM_ALLOWED_PRINCIPALS = "IAM_ALLOWED_PRINCIPALS"
UNREGISTERED = "is not registered with Lake Formation yet"
"""How the reason ends for which an intent waits for a data location."""


class Standing(StrEnum):
    """What can still become of an invitation that was not accepted."""

    OPEN = "open"
    OVER = "over"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Invitation:
    """A RAM invitation that was not accepted, as its receiver sees it. `is_old`: perhaps it is over though it looks
    open, as AWS's guides disagree on how long it stands.
    """

    arn: str
    share_arn: str
    sender: str
    standing: Standing = Standing.OPEN
    is_old: bool = False


@dataclass(frozen=True)
class Observation:
    """`tables` and `principals` hold identities: CreateTime by (database, table), a database's own by (database, `*`),
    RoleId by ARN; a missing key is a thing that does not exist. `carried` are the shares that Lake Formation named for
    the rows read, by ARN; `accepted` those that the receiver sees as active; `rows_in`, by share of ours, all that lies
    in no accepted one. `filters` are the data cells filters of the owner's catalog by database, table and name;
    `hybrid`, of `locations`, those in hybrid access mode. `link_names` are the names in the consumer's catalog that are
    taken, by whatever: of databases, and as `database/table` of tables; `landing_databases`, of these, the ones that
    bear our mark.
    """

    held: Held = field(default_factory=dict)
    links: frozenset[Link] = frozenset()
    link_names: frozenset[str] = frozenset()
    landing_databases: frozenset[LandingDatabase] = frozenset()
    locations: frozenset[str] = frozenset()
    tables: dict[tuple[str, str], str] = field(default_factory=dict)
    principals: dict[str, str] = field(default_factory=dict)
    invitations: tuple[Invitation, ...] = ()
    carried: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    rows_in: dict[str, frozenset[Permission]] = field(default_factory=dict)
    filters: dict[FilterKey, CellsFilter] = field(default_factory=dict)
    opt_ins: frozenset[OptIn] = frozenset()
    hybrid: frozenset[str] = frozenset()

    def staleness(self, access: Access) -> str:
        """Why the access is no longer what was approved, as a sentence; empty when it still is.

        Same name is not same thing: a table made anew has lost its permissions and nobody approved
        it; a role made anew under the same ARN keeps what the old one was granted.
        """
        table = f"database {access.database}" if access.inside else f"table {access.database}.{access.table}"
        if self.principals.get(access.principal_arn) is None:
            return f"{access.principal_arn} no longer exists"
        if self.principals[access.principal_arn] != access.principal_id:
            return f"{access.principal_arn} was created again after the approval"
        if access.table_created:
            created = self.tables.get((access.database, access.table))
            if created is None:
                return f"{table} no longer exists"
            if created != access.table_created:
                return f"{table} was created again after the approval"
        return ""

    def is_empty(self, one: LandingDatabase) -> bool:
        """Whether no table lies in it, ours or anybody's."""
        return not any(name.startswith(f"{one.name}/") for name in self.link_names)

    def is_registered(self, access: Access) -> bool:
        """Whether the access's data lie under a registered location, or need none."""
        return not self.unregistered(access)

    def unregistered(self, access: Access) -> tuple[str, ...]:
        """ARNs of the access's data that lie under no registered location."""
        wanted = (location.arn for location in access.registrations)
        return tuple(arn for arn in wanted if not any(covers(one, arn) for one in self.locations))

    def is_delivered(self, share: Share) -> bool:
        """Whether the receiver sees an active share of the sender's catalog."""
        sender = f":{share.sender.region}:{share.sender.account}:"
        return any(sender in arn for arn in self.accepted)

    def closed(self, *standings: Standing) -> frozenset[str]:
        """ARNs of the shares of ours that their receiver can accept no more, because of one of these."""
        closed = {one.share_arn for one in self.invitations if one.standing in standings}
        others = {one.share_arn for one in self.invitations if one.standing not in standings}
        return frozenset(closed & self.carried & self.rows_in.keys() - others - self.accepted)

    def given_up(self) -> "Observation":
        """The same, where an invitation that was accepted in vain counts as over if it is old enough."""
        return replace(self, invitations=tuple(_given_up(one) for one in self.invitations))

    def open_to_iam(self, access: Access) -> bool:
        """Whether IAM lets the principal read besides Lake Formation."""
        return open_to_iam(self._left_to_iam, access) and not self.is_hybrid(access)

    @cached_property
    def _left_to_iam(self) -> Held:
        """The few rows that the question is about, out of many."""
        return {p: columns for p, columns in self.held.items() if p.principal == IAM_ALLOWED_PRINCIPALS}

    def is_hybrid(self, access: Access) -> bool:
        """Whether the data lie where Lake Formation decides for those alone who opted in."""
        return any(is_hybrid(one.arn, self.locations, self.hybrid) for one in access.registrations)

    def lack_of_filter(self, wanted: CellsFilter) -> str:
        """See `lack_of_filter`."""
        return lack_of_filter(self.filters, wanted)


def _given_up(one: Invitation) -> Invitation:
    is_over = one.is_old and one.standing is Standing.OPEN
    return replace(one, standing=Standing.OVER) if is_over else one


def lack_of_filter(seen: Mapping[FilterKey, CellsFilter], wanted: CellsFilter) -> str:
    """Why a filter is not the one that is wanted, as a phrase; empty when it is."""
    found = seen.get(wanted.key)
    if found is None:
        return f"data cells filter {wanted.name} on {wanted.database}.{wanted.table} is not there"
    return "" if found == wanted else f"data cells filter {wanted.name} was changed by someone"


def open_to_iam(held: Held, access: Access) -> bool:
    """Whether IAMAllowedPrincipals holds the table: then Lake Formation does not guard it."""
    return any(p.principal == IAM_ALLOWED_PRINCIPALS and access.reaches(p) for p in held)


def is_hybrid(path: str, locations: Iterable[str], hybrid: Collection[str]) -> bool:
    """Whether the most specific registered location of a path is in hybrid access mode."""
    fitting = [arn for arn in locations if covers(arn, path)]
    return bool(fitting) and max(fitting, key=len) in hybrid


def covers(registered: str, wanted: str) -> bool:
    """Whether a registered path is the wanted one or lies above it."""
    return wanted == registered or wanted.startswith(registered.rstrip("/") + "/")
