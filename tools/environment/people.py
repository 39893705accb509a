"""Requests, approvals and revocations in chaos runs and benches."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from catalog.mirror.models import Database
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from requests_app.access_requests.models import RequestItem
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item
from requests_app.review.may import list_deciders
from requests_app.review.terms import compute_approval_hash
from requests_app.submission.actions import submit_access_request
from requests_app.submission.many_tables import submit_access_request_for_target
from requests_app.targets.checks import compute_effects
from requests_app.targets.databases import build_database_target
from requests_app.targets.lf_tags import build_tags_target, parse_tag_expression
from requests_app.targets.many_tables import ManyTablesTarget
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem


def find_requester(role: Principal) -> Person:
    """Finds the member of the team whose account the role is in who came first; for the account as a whole its admin."""
    if role.is_account:
        return find_account_admin(role.account)
    return Person.objects.filter(memberships__team=role.account.team).order_by("pk")[0]


def find_account_admin(account: Account) -> Person:
    """Finds the admin of its team who came first."""
    kept = Membership.objects.filter(team=account.team, role=Membership.Role.ACCOUNT_ADMIN)
    return Person.objects.filter(memberships__in=kept).order_by("pk")[0]


def request_table(
    role: Principal, wanted: RequestedItem, *, duration: timedelta, purpose: str, key: str
) -> RequestItem:
    """A request of one item. RefusedError when the role has all of it, or would see everything."""
    now = clock.now()
    request = submit_access_request(
        acting_user=find_requester(role),
        details=Recipient(role).build_details({"purpose": purpose}, now + duration),
        items=[wanted],
        idempotency_key=key,
        now=now,
    )
    return request.items.get()


def request_by_tags(
    role: Principal, catalog: ConnectedCatalog, tags: Mapping[str, Sequence[str]], **words: Any
) -> RequestItem:
    """A request for whatever carries the LF-Tags. RefusedError when that is nothing, or not one domain's."""
    expression = parse_tag_expression(tags)
    return _request_target(role, build_tags_target(catalog, expression, find_requester(role)), **words)


def request_database(role: Principal, database: Database, **words: Any) -> RequestItem:
    """A request for all tables of a database, including future ones. RefusedError when it may not be asked for."""
    return _request_target(role, build_database_target(database, find_requester(role)), **words)


def _request_target(
    role: Principal, target: ManyTablesTarget, *, duration: timedelta, purpose: str, key: str
) -> RequestItem:
    now = clock.now()
    request = submit_access_request_for_target(
        acting_user=find_requester(role),
        details=Recipient(role).build_details({"purpose": purpose}, now + duration),
        target=target,
        members_hash=target.members_hash,
        idempotency_key=key,
        now=now,
    )
    return request.items.get()


def approve(item: RequestItem) -> Grant:
    """A yes to the effects as they are, with all that they widen; RefusedError when nobody may give it, or when one is
    not enough.
    """
    decider = list_deciders(item).order_by("pk").first()
    if decider is None:
        raise RefusedError("nobody may decide", "items")
    return approve_as(decider, item)


def approve_as(decider: Person, item: RequestItem, readings: QueryCache | None = None) -> Grant:
    """The same by that person. Several that are looked at together share `readings`. EffectsChangedError."""
    shown = compute_effects(item, readings)
    grant = approve_item(
        acting_user=decider,
        item_id=item.pk,
        effects_hash=compute_approval_hash(item, shown),
        comment="",
        now=clock.now(),
        widenings=[widening.key for widening in shown.widenings],
    )
    if grant is None:
        raise RefusedError("others have to agree, too", "items")
    return grant


def revoke(grant: Grant, reason: str) -> None:
    """By the first of those who may decide on its item."""
    decider = list_deciders(grant.item).order_by("pk")[0]
    revoke_grant(acting_user=decider, grant_id=grant.pk, reason=reason, now=clock.now())
