"""Reads AWS for a share scope, completely, outside any transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fulfilment.observations.storage import get_data_catalog
from fulfilment.rounds.models import Scope
from identity.accounts.models import Account, ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.observation.known_answers import INVITATION_STATUSES
from lakeformation.observation.parsing import ParsedPermissions, parse_permissions, parse_principal
from lakeformation.observation.reading import Invitation, InvitationState, Observation
from lakeformation.observation.unknown_rows import UnknownRow
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.arn import ROLE_OR_USER_PATTERN, PrincipalArn
from lakeformation.values.permissions import DataCatalog, Permission
from workers.aws import reads
from workers.aws.administrator_reading import confirmed_administrator
from workers.aws.iam import find_identity_ids
from workers.aws.sessions import get_client
from workers.engine.reading.catalog import CatalogReading, read_catalog
from workers.engine.reading.creation_times import read_creation_times
from workers.engine.reading.links import ObservedLinks, read_links
from workers.engine.reading.permission_listing import read_filter_permissions, read_permissions
from workers.engine.reading.row_policies import read_table_tags
from workers.engine.reading.shares import (
    ReadShares,
    build_unknown_status,
    list_unknown_statuses,
    read_shares,
)

INVITATION_STATES = {
    "PENDING": InvitationState.OPEN,
    "EXPIRED": InvitationState.EXPIRED,
    "REJECTED": InvitationState.REJECTED,
}
MIN_INVITATION_AGE, MAX_INVITATION_AGE = timedelta(hours=12), timedelta(days=7)
"""Validity of an invitation: 12 hours by the Security Lake user guide, 7 days by other services' pages."""


def read_share(
    scope: Scope, wishes: Iterable[IntentSpec], now: datetime
) -> tuple[CatalogReading, Observation]:
    """What is true of a share scope's principals, tables, links and shares, and the reading of the owner's
    catalog that it rests on. AwsError if any part is not read.
    """
    catalog, consumer = scope.catalog, scope.consumer
    assert consumer is not None
    accesses = [wish.access for wish in wishes]
    place = get_data_catalog(catalog)
    found = read_catalog(catalog, {table for access in accesses for table in access.reachable_tables})
    held = dict(found.held)
    told_by_consumer: list[ParsedPermissions] = []
    landed = ObservedLinks()
    if (landing := DataCatalog(consumer.account_id, consumer.region)) != place:
        with confirmed_administrator(consumer, consumer.region):
            told_by_consumer.append(parse_permissions(_read_link_permissions(consumer), landing))
            landed = read_links(consumer, accesses)
    told_by_consumer.append(_read_passed_on(consumer, catalog, accesses))
    for parsed in told_by_consumer:
        held |= parsed.held
    shared = consumer.account_id != place.account
    told = read_shares(consumer, catalog) if shared else ReadShares()
    invited = _read_invitations(consumer, catalog) if shared else []
    strange = told.unknown_rows | list_unknown_invitations(consumer, place, invited)
    carried = frozenset(_find_our_shares(found.rows, accesses))
    seen = Observation(
        held=held,
        links=frozenset(landed.links),
        taken_names=frozenset(landed.taken_names),
        link_databases=frozenset(landed.databases),
        locations=frozenset(found.locations),
        filters=found.filters_by_key,
        opt_ins=found.opt_ins,
        hybrid_locations=found.hybrid_locations,
        tables=read_creation_times(catalog, {one for access in accesses for one in access.named_tables}),
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
            catalog, found.row_policies, {one for access in accesses for one in access.reachable_tables}
        ),
    )
    return found, seen


def _list_concerning(
    told_by_consumer: Iterable[ParsedPermissions], accesses: Iterable[Access]
) -> frozenset[UnknownRow]:
    """Of the consumer's rows that cannot be judged, those that may concern the scope; the others are its own business."""
    ours = {access.principal_arn for access in accesses}
    rows = (row for parsed in told_by_consumer for row in parsed.unknown)
    return frozenset(
        row
        for row in rows
        if row.principal in ours or (row.concerns_many and any(row.may_concern(one) for one in ours))
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
    """Those that were not accepted, as far as is known."""
    ram = get_client("ram", account=consumer, role="observer", region=catalog.region)
    return [row for row in reads.list_invitations(ram) if row["status"] != "ACCEPTED"]


def list_unknown_invitations(
    consumer: Account, place: DataCatalog, rows: Iterable[Mapping[str, Any]]
) -> frozenset[UnknownRow]:
    """Of the owner's invitations, those with a status that is not known."""
    mine = (row for row in rows if row["senderAccountId"] == place.account)
    statuses = {row["resourceShareInvitationArn"]: row["status"] for row in mine}
    unknown = list_unknown_statuses("invitation to a RAM share", statuses, INVITATION_STATUSES)
    return frozenset(build_unknown_status(place, consumer, *one) for one in unknown)


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
    found: set[str] = set()
    for row in rows:
        if parse_principal(row) in ours:
            found |= _parse_shares(row)
    return found


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
