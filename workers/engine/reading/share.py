"""Read AWS for one scope, completely, outside any transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fulfilment.observations.storage import place_of
from fulfilment.rounds.models import Scope
from identity.accounts.models import Account, ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.observation.parsing import normalise
from lakeformation.observation.reading import Invitation, Observation, Standing
from lakeformation.planning.desired import Wish
from lakeformation.values.arn import ROLE_OR_USER, PrincipalArn
from lakeformation.values.permissions import Held, Permission, Place
from workers.aws import reads
from workers.aws.iam import identity_ids
from workers.aws.sessions import client
from workers.engine.reading.catalog import CatalogReading, read_catalog
from workers.engine.reading.creation_times import creations
from workers.engine.reading.links import Landings, landings
from workers.engine.reading.permission_listing import filter_permission_rows, permission_rows

STANDING = {"PENDING": Standing.OPEN, "EXPIRED": Standing.OVER, "REJECTED": Standing.REJECTED}
SHORTEST_INVITATION, LONGEST_INVITATION = timedelta(hours=12), timedelta(days=7)
"""For how long AWS says that an invitation stands: the Security Lake user guide, and other services' pages."""


def observe_share(scope: Scope, wishes: Iterable[Wish], now: datetime) -> tuple[CatalogReading, Observation]:
    """What is true of a share scope's principals, tables, links and shares, and the reading of the owner's
    catalog that it rests on. AwsError if any part is not read.
    """
    catalog, consumer = scope.catalog, scope.consumer
    assert consumer is not None
    accesses = [wish.access for wish in wishes]
    place = place_of(catalog)
    found = read_catalog(catalog, {table for access in accesses for table in access.reachable})
    held = dict(found.held)
    landed = Landings()
    if (landing := Place(consumer.account_id, consumer.region)) != place:
        held |= normalise(_landing_rows(consumer), landing)
        landed = landings(consumer, accesses)
    held |= _passed_on(consumer, catalog, accesses)
    shared = consumer.account_id != place.account
    accepted = frozenset(_accepted(consumer, catalog.region)) if shared else frozenset()
    carried = frozenset(_carried(found.rows, accesses))
    seen = Observation(
        held=held,
        links=frozenset(landed.links),
        link_names=frozenset(landed.taken),
        landing_databases=frozenset(landed.databases),
        locations=frozenset(found.locations),
        filters=found.filters_by_key,
        opt_ins=found.opt_ins,
        hybrid=found.hybrid,
        tables=creations(catalog, {(a.database, a.table) for a in accesses if a.table_created}),
        principals=_principals(consumer, accesses),
        invitations=_invitations(consumer, catalog.region, now) if shared else (),
        carried=carried,
        accepted=accepted,
        rows_in=_rows_in(found.rows, place, carried, accepted) if carried - accepted else {},
    )
    return found, seen


def _landing_rows(consumer: Account) -> list[dict[str, object]]:
    return permission_rows(consumer, consumer.region, consumer.account_id)


def _passed_on(consumer: Account, catalog: ConnectedCatalog, accesses: Iterable[Access]) -> Held:
    """What the account passed on of what it was given: it lists that itself, and the owner does not."""
    if not any(may_be_passed_on(access) for access in accesses):
        return {}
    local = [access for access in accesses if access.envelope]
    place = place_of(catalog)
    rows = permission_rows(consumer, place.region, place.account)
    for database, table in sorted({(access.database, access.table) for access in local if access.row_rule}):
        named = {"CatalogId": place.account, "DatabaseName": database, "Name": table}
        rows += filter_permission_rows(consumer, catalog.account, place.region, named)
    return normalise(rows, place, consumer.account_id)


def may_be_passed_on(access: Access) -> bool:
    """Whether it is an envelope, or was passed on from one."""
    return access.is_envelope or bool(access.envelope)


def _principals(consumer: Account, accesses: Iterable[Access]) -> dict[str, str]:
    """Identities by name. An account, and a group of another directory, is what its name says."""
    iam = client("iam", account=consumer, role="observer", region=consumer.region)
    named = {access.principal_arn for access in accesses}
    by_arn = {arn: PrincipalArn.parse(arn) for arn in named if ROLE_OR_USER.fullmatch(arn)}
    ids = identity_ids(iam, sorted(by_arn.values(), key=str))
    found = {arn: ids[one] for arn, one in by_arn.items() if one in ids}
    return {**found, **{arn: arn for arn in named - by_arn.keys()}}


def _invitations(consumer: Account, region: str, now: datetime) -> tuple[Invitation, ...]:
    ram = client("ram", account=consumer, role="observer", region=region)
    return tuple(_invitation(row, now) for row in reads.invitations(ram) if row["status"] in STANDING)


def _invitation(row: Mapping[str, Any], now: datetime) -> Invitation:
    arns = row["resourceShareInvitationArn"], row["resourceShareArn"]
    age = now - row["invitationTimestamp"]
    standing = STANDING[row["status"]]
    if standing is Standing.OPEN and age > LONGEST_INVITATION:
        standing = Standing.OVER
    return Invitation(*arns, row["senderAccountId"], standing, is_old=age > SHORTEST_INVITATION)


def _accepted(consumer: Account, region: str) -> set[str]:
    ram = client("ram", account=consumer, role="observer", region=region)
    return {row["resourceShareArn"] for row in reads.shares_received(ram)}


def _carried(rows: Iterable[Mapping[str, Any]], accesses: Iterable[Access]) -> set[str]:
    """The shares that Lake Formation names for our principals' rows: the only ones we may accept."""
    ours = {access.principal_arn for access in accesses}
    found: set[str] = set()
    for row in rows:
        if row["Principal"]["DataLakePrincipalIdentifier"] in ours:
            found |= _shares_of(row)
    return found


def _rows_in(
    rows: Iterable[Mapping[str, Any]], place: Place, carried: frozenset[str], accepted: frozenset[str]
) -> dict[str, frozenset[Permission]]:
    """By share of ours, the permissions of anybody that lie in it, and in none that is accepted."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        shares = _shares_of(row)
        for share in shares & carried if shares.isdisjoint(accepted) else ():
            found[share].append(row)
    return {share: frozenset(normalise(some, place)) for share, some in found.items()}


def _shares_of(row: Mapping[str, Any]) -> frozenset[str]:
    """The shares that Lake Formation put a row into."""
    details = row.get("AdditionalDetails") or {}
    return frozenset(details.get("ResourceShare") or ())
