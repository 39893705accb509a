"""Request a whole database, or everything with certain LF-Tags."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.products.offers.bounds import BoundsViolation, RequestedAccess
from catalog.products.offers.models import OfferScope, OfferVersion
from catalog.products.offers.queries import get_version, list_accepted_terms
from identity.accounts import Principal
from identity.people.events import record_by_person
from identity.people.models import Person, Team
from kernel.errors import RefusedError, require_allowed
from requests_app.access_requests.details import RequestDetails
from requests_app.access_requests.input_checks import build_form_reused_error
from requests_app.access_requests.item_targets import get_extent_fields
from requests_app.access_requests.locks import lock_idempotency_key
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
from requests_app.grants.service_roles import claim_service_role
from requests_app.policies.evaluation import (
    NOTHING_PROVIDED,
    ProvidedInformation,
    check_same_answers,
    lock_policies,
    store_answers,
)
from requests_app.review.auto_approval import approve_automatically
from requests_app.review.risk import check_and_score
from requests_app.submission.actions import submit_access_request
from requests_app.submission.form_checks import check_form, find_submitted_request, is_same_form
from requests_app.submission.may import may_submit_access_request_for_target
from requests_app.submission.offer_checks import (
    check_no_violations,
    check_offer_published,
    check_terms_accepted,
    check_wish,
    compute_duration,
    get_locked_versions,
    record_acceptances,
)
from requests_app.targets.checks import build_offer_not_found_error, check_principal, check_use
from requests_app.targets.deprecations import find_target_refusal
from requests_app.targets.many_tables import ManyTablesTarget, find_discovery_refusal
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.single_tables import WholeTable


def submit_target_request(
    *,
    requester: Person,
    target: ManyTablesTarget,
    members_hash: str,
    idempotency_key: str,
    offer_id: int | None = None,
    use: str = "",
    **further: Any,
) -> AccessRequest:
    """Submit by `submit_access_request_for_target`, or by `submit_access_request` where `target` lists its tables; they
    take the `further` arguments.
    """
    arguments = {"acting_user": requester, "idempotency_key": idempotency_key, **further}
    if not target.is_listed_by_table:
        return submit_access_request_for_target(
            target=target, members_hash=members_hash, offer_id=offer_id, use=use, **arguments
        )
    target = target.read_again(requester)
    if not find_submitted_request(requester, idempotency_key):
        _check_not_changed(target, members_hash)
    return submit_access_request(items=target.list_table_items(offer_id, use), **arguments)


@transaction.atomic(durable=True)
def submit_access_request_for_target(
    *,
    acting_user: Person,
    details: RequestDetails,
    target: ManyTablesTarget,
    members_hash: str,
    idempotency_key: str,
    now: datetime,
    offer_id: int | None = None,
    use: str = "",
    accepted_term_ids: Collection[int] = (),
    provided: ProvidedInformation = NOTHING_PROVIDED,
) -> AccessRequest:
    """Like `submit_access_request`, for `target` as one item, read again; `members_hash` is of what the page showed."""
    team, principal, ends_at = details.team, details.principal, details.ends_at
    require_allowed(may_submit_access_request_for_target(acting_user, team, principal))
    lock_idempotency_key(acting_user, idempotency_key)
    if first := find_submitted_request(acting_user, idempotency_key):
        if not (_is_same_item(first, target, offer_id, use) and is_same_form(first, details, now)):
            raise build_form_reused_error()
        check_same_answers(first, provided)
        return first
    target = target.read_again(acting_user)
    check_not_refused(target)
    _check_not_changed(target, members_hash)
    items = [RequestedItem(target.tables[0].table.pk)]
    check_form(details, items=items, idempotency_key=idempotency_key, now=now)
    check_principal(principal)
    check_not_granted(target, principal, ends_at)
    check_target_requestable(target, acting_user, team, ends_at, now)
    offer = _check_target_offer(
        acting_user, offer_id, target, use=use, ends_at=ends_at, accepted_term_ids=accepted_term_ids, now=now
    )
    request = details.build_request(acting_user, now, idempotency_key)
    request.save()
    approve_automatically(_create_item(request, target, offer, use, provided), now)
    return request


def check_not_refused(target: ManyTablesTarget) -> None:
    """RefusedError where nobody may agree to it."""
    if target.refusal:
        raise RefusedError(target.refusal, target.kind)


def check_target_requestable(
    target: ManyTablesTarget, person: Person, team: Team, ends_at: datetime, now: datetime
) -> None:
    """RefusedError where a product of its tables is for others to request, or only deprecated ones have a table."""
    ids = [table.table.pk for table in target.tables]
    refusal = find_discovery_refusal(target.tables, person) or find_target_refusal(
        ids, person, team, ends_at, now
    )
    if refusal:
        raise RefusedError(refusal, target.kind)


def check_not_granted(target: ManyTablesTarget, principal: Principal, ends_at: datetime) -> None:
    """RefusedError when the principal has the same, until then or longer."""
    had = Grant.objects.filter(
        EFFECTIVE_GRANTS, target.grants_filter, principal=principal, ends_at__gte=ends_at
    )
    if had.exists():
        raise RefusedError(target.describe_existing_access(principal.name), target.kind)


def build_many_tables_item(
    request: AccessRequest, target: ManyTablesTarget, offer: OfferVersion | None, use: str
) -> RequestItem:
    """Not saved; the first table that is reached stands for the others."""
    return RequestItem(
        request=request,
        requester=request.requester,
        table=target.tables[0].table,
        offer=offer,
        use=use,
        ends_at=request.ends_at,
        state_changed_at=request.submitted_at,
        **get_extent_fields(WholeTable.fact, ()),
        **target.item_fields,
    )


def _is_same_item(first: AccessRequest, target: ManyTablesTarget, offer_id: int | None, use: str) -> bool:
    items = list(first.items.select_related("table__database")[:2])
    same_offer = {(item.offer_id, item.use) for item in items} == {(offer_id, use)}
    return len(items) == 1 and same_offer and target.is_of_item(items[0])


def _check_not_changed(target: ManyTablesTarget, members_hash: str) -> None:
    if target.members_hash != members_hash:
        raise RefusedError(str(target.changed_message), target.kind)


def _create_item(
    request: AccessRequest,
    target: ManyTablesTarget,
    offer: OfferVersion | None,
    use: str,
    provided: ProvidedInformation,
) -> RequestItem:
    """The one item of the request. RefusedError."""
    item = build_many_tables_item(request, target, offer, use)
    lock_policies()
    check_and_score(item)
    store_answers([item], request.requester, provided, request.submitted_at)
    item.save()
    claim_service_role(request.principal, request.requester, request.submitted_at)
    _record_request(item, target)
    return item


def _record_request(item: RequestItem, target: ManyTablesTarget) -> None:
    request = item.request
    data = {
        **target.event_data,
        "team": request.team_id,
        "principal": request.principal_id,
        "ends_at": request.ends_at.isoformat(),
        "catalog": target.catalog.pk,
        "tables": [table.table.pk for table in target.tables],
        "answers": item.answers,
    }
    record_by_person(
        target.submit_verb, request.requester, f"request:{request.pk}", data, request.submitted_at
    )


def _check_target_offer(
    person: Person,
    version_id: int | None,
    target: ManyTablesTarget,
    *,
    use: str,
    ends_at: datetime,
    accepted_term_ids: Collection[int],
    now: datetime,
) -> OfferVersion | None:
    """The version under which it is requested, its terms accepted; None without one. RefusedError."""
    version = _get_version(person, version_id, use)
    if version is None:
        return None
    is_elsewhere = target.kind == OfferScope.TAGS and version.catalog_id != target.catalog.pk
    if is_elsewhere or target.domain != version.offer.domain:
        check_no_violations([BoundsViolation("offer", target.kind)], version)
    hours, days = compute_duration(ends_at, now)
    first = target.tables[0].table
    classes = {
        f"{table.table.name}.{column.name}": column.classification
        for table in target.tables
        for column in table.open_columns
    }
    wish = RequestedAccess(
        table=first.pk,
        database=first.database_id,
        classes=classes,
        use=use,
        hours=hours,
        days=days,
        scope=target.kind,
        has_future_columns=True,
        **target.offer_fields,
    )
    check_wish(version, wish)
    accepted_terms = list_accepted_terms(person, [version])
    check_terms_accepted(version, accepted_terms | set(accepted_term_ids))
    if version.terms and version.terms_id not in accepted_terms:
        record_acceptances(person, [version.terms], now)
    return version


def _get_version(person: Person, version_id: int | None, use: str) -> OfferVersion | None:
    check_use(use, shows_data=True)
    if version_id is None:
        return None
    version = get_version(person, version_id)
    if version is None:
        raise build_offer_not_found_error()
    version.state = get_locked_versions([version.pk])[0].state
    check_offer_published(version)
    return version
