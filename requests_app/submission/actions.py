"""Submit a request, submit a basket, withdraw an item."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person, Team
from kernel.errors import RefusedError, require_allowed
from kernel.queries import QueryCache
from requests_app.access_requests.details import RequestDetails
from requests_app.access_requests.locks import get_locked_item, lock_idempotency_key, save_item_state
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.grants.coverage import check_not_covered, describe_coverage, find_covering_grants
from requests_app.grants.service_roles import claim_service_role
from requests_app.policies.evaluation import (
    NOTHING_PROVIDED,
    ProvidedInformation,
    RuleCache,
    check_same_answers,
    lock_policies,
    store_answers,
)
from requests_app.review.auto_approval import approve_automatically
from requests_app.review.risk import check_and_score
from requests_app.submission.basket import (
    SentBasket,
    build_idempotency_key,
    check_basket_version,
    get_locked_basket,
    list_requested_items,
    remove_items,
)
from requests_app.submission.form_checks import (
    ITEM_FIELDS,
    check_each,
    check_form,
    check_same_request,
    find_submitted_request,
)
from requests_app.submission.may import may_submit_access_request, may_submit_basket, may_withdraw_item
from requests_app.submission.offer_checks import check_offers, get_offer_end
from requests_app.targets.checks import check_principal, check_requested_item
from requests_app.targets.deprecations import check_requestable, read_table_products
from requests_app.targets.recipients import check_local_group
from requests_app.targets.requested_item import CheckedItem, RequestedItem
from requests_app.targets.visible_targets import read_visible_targets


@transaction.atomic(durable=True)
def submit_access_request(
    *,
    acting_user: Person,
    details: RequestDetails,
    items: Sequence[RequestedItem],
    idempotency_key: str,
    now: datetime,
    accepted_term_ids: Collection[int] = (),
    provided: ProvidedInformation = NOTHING_PROVIDED,
) -> AccessRequest:
    """The request; the first one if this person already sent the same under this key. `accepted_term_ids` are
    ids of terms of the offer versions that it names; `provided` is the information that rules require.

    Raises ForbiddenError, or RefusedError for an invalid input.
    """
    require_allowed(may_submit_access_request(acting_user, details.team, details.principal, details.group))
    lock_idempotency_key(acting_user, idempotency_key)
    if first := find_submitted_request(acting_user, idempotency_key):
        check_same_request(first, details, items, now)
        check_same_answers(first, provided)
        return first
    check_form(details, items=items, idempotency_key=idempotency_key, now=now)
    asks = _check_items(acting_user, items, details)
    had = find_covering_grants(asks, principal=details.principal, ends_at=details.ends_at)
    check_each(asks, lambda ask: check_not_covered(ask, had))
    ends = {ask.table_id: details.ends_at for ask in asks}
    _check_requestable(asks, acting_user, details.team, ends, now)
    check_offers(asks, acting_user, ends=ends, accepted_term_ids=accepted_term_ids, now=now)
    request = details.build_request(acting_user, now, idempotency_key)
    request.save()
    _create_items(request, asks, ends, provided, now)
    return request


@transaction.atomic(durable=True)
def submit_basket(
    *,
    acting_user: Person,
    details: RequestDetails,
    basket_version: int,
    now: datetime,
    accepted_term_ids: Collection[int] = (),
    provided: ProvidedInformation = NOTHING_PROVIDED,
) -> SentBasket:
    """One request for all that the team's basket held as `basket_version`, less what the principal has already.
    Tables of which nothing is chosen yet stay in it. Sent again, it is the same request. `provided` counts for all of it, and so does the group.

    Raises ForbiddenError, or RefusedError: ItemsRefusedError with each invalid item, and field
    `basket` if the basket has changed. Then nothing is sent.
    """
    team, principal, ends_at = details.team, details.principal, details.ends_at
    require_allowed(may_submit_basket(acting_user, team, principal, details.group))
    basket = get_locked_basket(acting_user, team)
    key = build_idempotency_key(basket, basket_version)
    if first := find_submitted_request(acting_user, key):
        return SentBasket(first, is_new=False)
    check_basket_version(basket, basket_version)
    items = list_requested_items(basket)
    check_form(details, items=items, idempotency_key=key, now=now)
    asks = _check_items(acting_user, items, details)
    had = find_covering_grants(asks, principal=principal, ends_at=ends_at)
    if not (left := [ask for ask in asks if ask.table_id not in had]):
        raise RefusedError(_("%(role)s already has all this access.") % {"role": principal.name}, "items")
    ends = {ask.table_id: get_offer_end(ask.offer, ends_at, now) for ask in left}
    _check_requestable(left, acting_user, team, ends, now)
    check_offers(left, acting_user, ends=ends, accepted_term_ids=accepted_term_ids, now=now)
    request = details.build_request(acting_user, now, key)
    request.save()
    _create_items(request, left, ends, provided, now)
    remove_items(basket, [ask.table_id for ask in left], clear_texts=True)
    other_items = [item for item in basket.items.select_related("table__database") if not item.is_chosen]
    left_out = (
        *map(describe_coverage, had.values()),
        *(_("No column of %(table)s is chosen.") % {"table": item.table} for item in other_items),
    )
    return SentBasket(request, is_new=True, left_out=left_out)


def _check_items(
    person: Person, items: Sequence[RequestedItem], details: RequestDetails
) -> list[CheckedItem]:
    """RefusedError for a principal that is gone, and for what the person may not see, or what cannot be given, or not
    be passed on to the group.
    """
    check_principal(details.principal)
    seen = read_visible_targets(person, items)

    def found(item: RequestedItem) -> CheckedItem:
        check_local_group(details.group, item)
        return check_requested_item(seen, item)

    return check_each(items, found)


def _check_requestable(
    asks: Sequence[CheckedItem], person: Person, team: Team, ends: Mapping[int, datetime], now: datetime
) -> None:
    """RefusedError for what is of a deprecated product, or of one that is retired before its end."""
    products = read_table_products([ask.table_id for ask in asks], person, team, now)
    check_each(asks, lambda ask: check_requestable(products, ask, ends[ask.table_id]))


def _create_items(
    request: AccessRequest,
    checked_items: Sequence[CheckedItem],
    ends: Mapping[int, datetime],
    provided: ProvidedInformation,
    now: datetime,
) -> None:
    lock_policies()
    readings, rulebook = QueryCache(), RuleCache()
    items = [_build_item(request, ask, ends[ask.table_id], now) for ask in checked_items]
    check_each(items, lambda item: check_and_score(item, readings, rulebook))
    store_answers(items, request.requester, provided, now)
    RequestItem.objects.bulk_create(items)
    data: dict[str, Any] = {
        "team": request.team_id,
        "principal": request.principal_id,
        "group": request.group_id,
        "ends_at": request.ends_at.isoformat(),
        "tables": [ask.table.pk for ask in checked_items],
        "answers": {str(item.table_id): item.answers for item in items if item.answers},
    }
    record_by_person("submit_access_request", request.requester, f"request:{request.pk}", data, now)
    claim_service_role(request.principal, request.requester, now)
    for item in sorted(items, key=_get_table_id):
        approve_automatically(item, now)


def _get_table_id(item: RequestItem) -> int:
    """The order in which locks are taken: of two baskets at once, neither waits for the other for ever."""
    return item.table_id


def _build_item(
    request: AccessRequest, checked_item: CheckedItem, ends_at: datetime, now: datetime
) -> RequestItem:
    return RequestItem(
        request=request,
        requester=request.requester,
        ends_at=ends_at,
        state_changed_at=now,
        **{name: getattr(checked_item, name) for name in ITEM_FIELDS},
    )


@transaction.atomic(durable=True)
def withdraw_item(*, acting_user: Person, item_id: int, now: datetime) -> RequestItem:
    """Withdraw a request that nobody has decided on. Raises NotFoundError, ForbiddenError, IllegalTransitionError."""
    item = get_locked_item(acting_user, item_id)
    require_allowed(may_withdraw_item(acting_user, item))
    state = ITEM_TRANSITIONS.check(item.state, ItemState.WITHDRAWN)
    record_by_person("withdraw_item", acting_user, f"item:{item.pk}", {}, now)
    save_item_state(item, state, now)
    return item
