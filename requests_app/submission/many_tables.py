"""What requests for a database and for LF-Tags have in common."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.products.offers.models import OfferVersion
from identity.errors import RefusedError
from identity.people.models import Person
from requests_app.access_requests.input_checks import build_form_reused_error
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.service_roles import claim_service_role
from requests_app.policies.evaluation import lock_policies
from requests_app.policies.required_information import ProvidedInformation, check_same_answers, store_answers
from requests_app.review.risk_scoring import check_and_score
from requests_app.submission.form_checks import is_same_form
from requests_app.targets.reached_tables import ManyTablesTarget
from requests_app.targets.requested_item import RequestedItem


def check_target_as_shown(found: ManyTablesTarget, members_hash: str, field: str, changed: str) -> None:
    """RefusedError where it may not be asked for, or is other than what the person saw: `changed` says so."""
    check_not_refused(found, field)
    if found.members_hash != members_hash:
        raise RefusedError(changed, field)


def check_not_refused(found: ManyTablesTarget, field: str) -> None:
    """RefusedError where nobody may agree to it."""
    if found.refusal:
        raise RefusedError(found.refusal, field)


def build_example_item(found: ManyTablesTarget) -> RequestedItem:
    """The item as the checks of a form take it."""
    return RequestedItem(found.tables[0].table.pk, (), whole_table=True, product_id=None)


def check_same_form(
    first: AccessRequest,
    form_values: Mapping[str, Any],
    asked: Mapping[str, Any],
    provided: ProvidedInformation,
    now: datetime,
) -> None:
    """RefusedError where the form of this key was sent before with something else in it."""
    before = first.items.first()
    same = before is not None and all(getattr(before, name) == value for name, value in asked.items())
    if not same or not is_same_form(first, form_values, now):
        raise build_form_reused_error()
    check_same_answers(first, provided)


def create_request(
    requester: Person, idempotency_key: str, form_values: Mapping[str, Any], now: datetime
) -> AccessRequest:
    return AccessRequest.objects.create(
        requester=requester, idempotency_key=idempotency_key, submitted_at=now, **form_values
    )


def create_many_tables_item(
    request: AccessRequest,
    found: ManyTablesTarget,
    offer: OfferVersion | None,
    use: str,
    provided: ProvidedInformation,
    **asked: Any,
) -> RequestItem:
    """The one item of the request. RefusedError."""
    item = build_many_tables_item(request, found, offer, use, **asked)
    lock_policies()
    check_and_score(item)
    store_answers([item], request.requester, provided, request.submitted_at)
    item.save()
    claim_service_role(request.principal, request.requester, request.submitted_at)
    return item


def build_many_tables_item(
    request: AccessRequest, found: ManyTablesTarget, offer: OfferVersion | None, use: str, **asked: Any
) -> RequestItem:
    """Not saved; the first table that is reached stands for the others."""
    return RequestItem(
        request=request,
        requester=request.requester,
        table=found.tables[0].table,
        whole_table=True,
        offer=offer,
        use=use,
        ends_at=request.ends_at,
        state_changed_at=request.submitted_at,
        **asked,
    )


def build_event_data(item: RequestItem, found: ManyTablesTarget) -> dict[str, Any]:
    """What the record keeps of such an ask, whatever it is by."""
    request = item.request
    return {
        "team": request.team_id,
        "principal": request.principal_id,
        "ends_at": request.ends_at.isoformat(),
        "catalog": found.catalog.pk,
        "tables": [one.table.pk for one in found.tables],
        "answers": item.answers,
    }
