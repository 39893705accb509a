"""Reads what a share scope's round needs of AWS: permissions, filters, links, invitations and settings."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fulfilment.observations.storage import get_data_catalog
from fulfilment.rounds import Scope
from identity.accounts import Account, ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.observation.parsing import (
    ASSOCIATION_IS_OPEN,
    ASSOCIATION_STATUSES,
    ASSOCIATION_UNDER_WAY,
    INVITATION_STATUSES,
    RESOURCE_IS_OPEN,
    RESOURCE_STATUSES,
    SHARE_IS_OPEN,
    SHARE_STATUSES,
    SHARE_UNDER_WAY,
    ParsedPermissions,
    parse_permissions,
    parse_principal,
)
from lakeformation.observation.reading import Invitation, InvitationState, Observation, UnknownRow
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.arn import ROLE_OR_USER_PATTERN, PrincipalArn
from lakeformation.values.permissions import DataCatalog, Permission
from lakeformation.values.resource_links import LINK_DATABASE_PARAMETER, Link, LinkDatabase
from workers.aws import reads
from workers.aws.glue import GlueReader
from workers.aws.iam import confirmed_administrator, find_identity_ids
from workers.aws.sessions import get_client
from workers.engine.catalog_reading import (
    CatalogReading,
    read_catalog,
    read_creation_times,
    read_filter_permissions,
    read_permissions,
    read_table_tags,
)

INVITATION_STATES = {
    "PENDING": InvitationState.OPEN,
    "EXPIRED": InvitationState.EXPIRED,
    "REJECTED": InvitationState.REJECTED,
}
MIN_INVITATION_AGE, MAX_INVITATION_AGE = timedelta(hours=12), timedelta(days=7)
"""Validity of an invitation: 12 hours by the Security Lake user guide, 7 days by other services' pages."""


def read_share(
    scope: Scope, specs: Iterable[IntentSpec], now: datetime
) -> tuple[CatalogReading, Observation]:
    """What is true of a share scope's principals, tables, links and shares, and the reading of the owner's
    catalog that it rests on. AwsError if any part is not read.
    """
    catalog, consumer = scope.catalog, scope.consumer
    assert consumer is not None
    accesses = [spec.access for spec in specs]
    place = get_data_catalog(catalog)
    found = read_catalog(catalog, {table for access in accesses for table in access.reachable_tables})
    held = dict(found.held)
    told_by_consumer: list[ParsedPermissions] = []
    landed = ObservedLinks()
    if (landing := DataCatalog(consumer.account_id, consumer.region)) != place:
        with confirmed_administrator(consumer, consumer.region):
            told_by_consumer.append(parse_permissions(_read_link_permissions(consumer), landing))
            landed = _read_links(consumer, accesses)
    told_by_consumer.append(_read_passed_on(consumer, catalog, accesses))
    for parsed in told_by_consumer:
        held |= parsed.held
    shared = consumer.account_id != place.account
    told = read_shares(consumer, catalog) if shared else ReadShares()
    invited = _read_invitations(consumer, catalog) if shared else []
    strange = told.unknown_rows | list_unknown_invitations(consumer, place, invited)
    carried = frozenset(_find_our_shares(found.rows, accesses))
    observation = Observation(
        held=held,
        links=frozenset(landed.links),
        taken_names=frozenset(landed.taken_names),
        link_databases=frozenset(landed.databases),
        locations=frozenset(found.locations),
        filters=found.filters_by_key,
        opt_ins=found.opt_ins,
        hybrid_locations=found.hybrid_locations,
        tables=read_creation_times(catalog, {table for access in accesses for table in access.named_tables}),
        principals=_read_principals(consumer, accesses),
        invitations=tuple(parse_invitation(row, now) for row in invited),
        named_shares=carried,
        accepted_shares=told.accepted,
        permissions_by_share=_group_by_share(found.rows, place, carried, told.accepted)
        if carried - told.accepted
        else {},
        received_resources=told.received,
        sent_resources=told.sent,
        stopped_shares=told.stopped,
        has_unknown_share=bool(strange),
        unknown_rows=found.unknown_rows | strange | _list_concerning(told_by_consumer, accesses),
        row_policies=found.row_policies,
        table_tags=read_table_tags(
            catalog, found.row_policies, {table for access in accesses for table in access.reachable_tables}
        ),
    )
    return found, observation


def _list_concerning(
    told_by_consumer: Iterable[ParsedPermissions], accesses: Iterable[Access]
) -> frozenset[UnknownRow]:
    """The consumer's rows that cannot be judged and may concern the scope; the others are its own business."""
    ours = {access.principal_arn for access in accesses}
    rows = (row for parsed in told_by_consumer for row in parsed.unknown)
    return frozenset(
        row
        for row in rows
        if row.principal in ours or (row.concerns_many and any(row.may_concern(our) for our in ours))
    )


def _read_link_permissions(consumer: Account) -> list[dict[str, object]]:
    lakeformation = get_client("lakeformation", account=consumer, role="observer", region=consumer.region)
    return reads.read_permissions(lakeformation, consumer.account_id)


def _read_passed_on(
    consumer: Account, catalog: ConnectedCatalog, accesses: Iterable[Access]
) -> ParsedPermissions:
    """Permissions that the account passed on. Only the account's own listing has them."""
    if not any(may_be_passed_on(access) for access in accesses):
        return ParsedPermissions({}, frozenset())
    place = get_data_catalog(catalog)
    rows = read_permissions(consumer, place.region, place.account)
    for database, table in sorted({a.target for a in accesses if a.account_grant and a.cells.rows}):
        named = {"CatalogId": place.account, "DatabaseName": database, "Name": table}
        rows += read_filter_permissions(consumer, catalog.account, place.region, named)
    return parse_permissions(rows, place, consumer.account_id)


def may_be_passed_on(access: Access) -> bool:
    """Whether it is an account grant, or a subgrant of one."""
    return access.is_account_grant or bool(access.account_grant)


def _read_principals(consumer: Account, accesses: Iterable[Access]) -> dict[str, str]:
    """Identities by name. An account, and a group of another directory, is what its name says."""
    iam = get_client("iam", account=consumer, role="observer", region=consumer.region)
    named = {access.principal_arn for access in accesses}
    by_arn = {arn: PrincipalArn.parse(arn) for arn in named if ROLE_OR_USER_PATTERN.fullmatch(arn)}
    ids = find_identity_ids(iam, sorted(by_arn.values(), key=str))
    found = {arn: ids[one] for arn, one in by_arn.items() if one in ids}
    return {**found, **{arn: arn for arn in named - by_arn.keys()}}


def _read_invitations(consumer: Account, catalog: ConnectedCatalog) -> list[dict[str, Any]]:
    """The invitations that were not accepted, as far as is known."""
    ram = get_client("ram", account=consumer, role="observer", region=catalog.region)
    return [row for row in reads.list_invitations(ram) if row["status"] != "ACCEPTED"]


def list_unknown_invitations(
    consumer: Account, place: DataCatalog, rows: Iterable[Mapping[str, Any]]
) -> frozenset[UnknownRow]:
    """The owner's invitations with a status that is not known."""
    mine = (row for row in rows if row["senderAccountId"] == place.account)
    statuses = {row["resourceShareInvitationArn"]: row["status"] for row in mine}
    unknown = _list_unknown_statuses("invitation to a RAM share", statuses, INVITATION_STATUSES)
    return frozenset(_build_unknown_status(place, consumer, *one) for one in unknown)


def parse_invitation(row: Mapping[str, Any], now: datetime) -> Invitation:
    arns = row["resourceShareInvitationArn"], row["resourceShareArn"]
    age = now - row["invitationTimestamp"]
    standing = INVITATION_STATES.get(row["status"], InvitationState.UNKNOWN)
    if standing is InvitationState.OPEN and age > MAX_INVITATION_AGE:
        standing = InvitationState.EXPIRED
    return Invitation(*arns, row["senderAccountId"], standing, is_old=age > MIN_INVITATION_AGE)


def _find_our_shares(rows: Iterable[Mapping[str, Any]], accesses: Iterable[Access]) -> set[str]:
    """The shares that Lake Formation names for our principals' rows: the only ones we may accept."""
    ours = {access.principal_arn for access in accesses}
    shares: set[str] = set()
    for row in rows:
        if parse_principal(row) in ours:
            shares |= _parse_shares(row)
    return shares


def _group_by_share(
    rows: Iterable[Mapping[str, Any]], place: DataCatalog, carried: frozenset[str], accepted: frozenset[str]
) -> dict[str, frozenset[Permission]]:
    """For each of our shares, the permissions of any principal in it that are in no accepted share. Without shares that
    hold something that cannot be judged: whether they are ours alone is not known.
    """
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        shares = _parse_shares(row)
        for share in shares & carried if shares.isdisjoint(accepted) else ():
            found[share].append(row)
    parsed = {share: parse_permissions(some, place) for share, some in found.items()}
    return {share: frozenset(one.held) for share, one in parsed.items() if not one.unknown}


def _parse_shares(row: Mapping[str, Any]) -> frozenset[str]:
    """The shares that Lake Formation put a row into."""
    details = row.get("AdditionalDetails") or {}
    return frozenset(details.get("ResourceShare") or ())


@dataclass
class ObservedLinks:
    """Links, our own link databases, and names that are in use; see `Observation`."""

    links: set[Link] = field(default_factory=set)
    databases: set[LinkDatabase] = field(default_factory=set)
    taken_names: set[str] = field(default_factory=set)


def _read_links(consumer: Account, accesses: Iterable[Access]) -> ObservedLinks:
    """The links and databases of the accesses, those of a previous link naming too. AwsError."""
    every = [one for access in accesses for one in (access, access.previous_link_naming) if one]
    links = {link for one in every for link in one.links if not link.database}
    databases = {one.link_database for one in every if one.link_database}
    glue = GlueReader(consumer, consumer.region)
    there = glue.find_databases({link.name for link in links} | {wanted.name for wanted in databases})
    found = ObservedLinks(taken_names=set(there))
    for link in links:
        if row := there.get(link.name):
            found.links.add(
                Link(link.catalog, link.name, *_parse_target(consumer, row.get("TargetDatabase", {})))
            )
    for database in databases:
        if _is_ours(there.get(database.name, {}), database):
            found.databases.add(database)
            for table in glue.list_tables(database.name):
                found.taken_names.add(f"{database.name}/{table['Name']}")
                aim = table.get("TargetTable", {})
                found.links.add(
                    Link(
                        database.catalog,
                        table["Name"],
                        *_parse_target(consumer, aim),
                        database.name,
                        aim.get("Name", ""),
                    )
                )
    return found


def _is_ours(row: Mapping[str, Any], wanted: LinkDatabase) -> bool:
    """Whether the database has our parameter, see `LinkDatabase.parameter_value`."""
    return (
        "TargetDatabase" not in row
        and row.get("Parameters", {}).get(LINK_DATABASE_PARAMETER) == wanted.parameter_value
    )


def _parse_target(consumer: Account, aim: dict[str, Any]) -> tuple[DataCatalog, str]:
    """Where a link leads; an account without a name for what is no link. Of its own region AWS says nothing."""
    place = DataCatalog(aim.get("CatalogId", ""), aim.get("Region", consumer.region))
    return place, aim.get("DatabaseName", "")


@dataclass(frozen=True)
class ReadShares:
    """See `Observation`. `unknown_rows` are statuses that are not known: what has one is neither usable nor gone."""

    accepted: frozenset[str] = frozenset()
    received: frozenset[str] = frozenset()
    sent: frozenset[str] = frozenset()
    stopped: dict[str, str] = field(default_factory=dict)
    unknown_rows: frozenset[UnknownRow] = frozenset()


def read_shares(consumer: Account, catalog: ConnectedCatalog) -> ReadShares:
    """A share carries what it holds while its receiver sees it as active and its sender as associated."""
    receiver = get_client("ram", account=consumer, role="observer", region=catalog.region)
    sender = get_client("ram", account=catalog.account, role="observer", region=catalog.region)
    place = DataCatalog(catalog.account.account_id, catalog.region)
    associations = reads.list_associations(sender, consumer.account_id)
    told = {row["resourceShareArn"]: row["status"] for row in associations}
    # Shares of other senders are theirs to judge.
    seen = {
        row["resourceShareArn"]: row["status"]
        for row in reads.list_received_shares(receiver)
        if row["resourceShareArn"] in told
    }
    accepted = sorted(
        arn for arn, status in seen.items() if status == SHARE_IS_OPEN and told[arn] == ASSOCIATION_IS_OPEN
    )
    received = reads.list_received_resources(receiver, accepted) if accepted else []
    sent = reads.list_sent_resources(sender, consumer.account_id)
    resources = {row["arn"]: row["status"] for row in (*sent, *received) if "status" in row}
    unknown = [
        *_list_unknown_statuses("RAM share", seen, SHARE_STATUSES),
        *_list_unknown_statuses("association of RAM share", told, ASSOCIATION_STATUSES),
        *_list_unknown_statuses("shared resource", resources, RESOURCE_STATUSES),
    ]
    return ReadShares(
        accepted=frozenset(accepted),
        received=frozenset(row["arn"] for row in received if is_available(row)),
        sent=frozenset(row["arn"] for row in sent),
        stopped={
            **_list_stopped(seen, {SHARE_IS_OPEN, *SHARE_UNDER_WAY}),
            **_list_stopped(told, {ASSOCIATION_IS_OPEN, *ASSOCIATION_UNDER_WAY}),
        },
        unknown_rows=frozenset(_build_unknown_status(place, consumer, *one) for one in unknown),
    )


def is_available(row: Mapping[str, Any]) -> bool:
    """AWS leaves the status out where there is nothing to say."""
    return row.get("status") in {None, RESOURCE_IS_OPEN}


def _list_unknown_statuses(
    kind: str, statuses: Mapping[str, str], known: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Kind, ARN and status of what has a status that is not known."""
    return ((kind, arn, status) for arn, status in sorted(statuses.items()) if status not in known)


def _build_unknown_status(
    place: DataCatalog, consumer: Account, kind: str, arn: str, status: str
) -> UnknownRow:
    name = arn.split(":", 5)[-1].removeprefix("resource-share/").removeprefix("resource-share-invitation/")
    return UnknownRow(place, consumer.account_id, kind, (status,), name, gives_access=False)


def _list_stopped(statuses: Mapping[str, str], expected: Iterable[str]) -> dict[str, str]:
    return {arn: status for arn, status in statuses.items() if status not in set(expected)}
