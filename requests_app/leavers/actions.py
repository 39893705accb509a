"""Take over a request of somebody who left, and report once what they left."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from identity.errors import NotFoundError, RefusedError, require_allowed
from identity.people.events import record_by_person
from identity.people.models import Person
from requests_app.access_requests.locks import get_locked_request
from requests_app.access_requests.may import may_view_request
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES, ItemState
from requests_app.grants.models import Grant
from requests_app.grants.service_roles import claim_service_role
from requests_app.grants.states import GrantState
from requests_app.leavers.may import may_take_over_request
from requests_app.leavers.models import Departure
from requests_app.leavers.queries import list_unreported_items


@transaction.atomic(durable=True)
def take_over_request(*, acting_user: Person, request_id: int, now: datetime) -> AccessRequest:
    """Answer for a request from now on in the place of somebody who has left: for what of it waits, and for what was
    granted. Whoever takes it over decides on none of it, like its requester. Taking it over again changes nothing.

    Raises NotFoundError, ForbiddenError, RefusedError when nothing of it waits or is live.
    """
    request = get_locked_request(request_id)
    if not may_view_request(acting_user, request):
        raise NotFoundError
    if request.taken_over_by_id == acting_user.pk and acting_user.is_active:
        return request
    require_allowed(may_take_over_request(acting_user, request))
    if not _is_open(request):
        raise RefusedError(_("Nothing of this request is waiting or active any more."))
    left = request.current_requester
    record_by_person(
        "take_over_request", acting_user, f"request:{request.pk}", {"from": left.pk, "reason": left.name}, now
    )
    request.taken_over_by = acting_user
    request.save(update_fields=["taken_over_by"])
    claim_service_role(request.principal, acting_user, now)
    return request


def _is_open(request: AccessRequest) -> bool:
    live = Grant.objects.filter(item__request=request, state=GrantState.LIVE)
    return request.items.filter(state__in=OPEN_ITEM_STATES).exists() or live.exists()


@transaction.atomic(durable=True)
def report_departure(*, item_id: int, now: datetime) -> bool:
    """The workers' verb: put what somebody left behind on the record, from which those concerned are told. False when it
    was done meanwhile, or somebody answers for it again.
    """
    RequestItem.objects.select_for_update(no_key=True).get(pk=item_id)
    item = (
        list_unreported_items()
        .select_related("requester", "request__taken_over_by")
        .filter(pk=item_id)
        .first()
    )
    if item is None:
        return False
    left = item.request.current_requester
    verb = "report_leavers_grant" if item.state == ItemState.APPROVED else "report_leavers_request"
    data = {"person": left.pk, "reason": left.name}
    event = record_event(verb=verb, actor="engine:leavers", subject=f"item:{item.pk}", data=data, now=now)
    Departure.objects.create(item=item, person=left, event=event)
    return True
