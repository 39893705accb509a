"""Take over a request of somebody who left, and report once what they left."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from identity.people.events import record_by_person
from identity.people.models import Person
from identity.role_changes.may import list_governors
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import builds_stored_text
from requests_app.access_requests.locks import get_locked_request
from requests_app.access_requests.may import may_view_request
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES, ItemState
from requests_app.grants.models import Grant
from requests_app.grants.service_roles import claim_service_role
from requests_app.grants.states import GrantState
from requests_app.leavers.may import may_take_over_request
from requests_app.leavers.models import Departure, RoleVacancy
from requests_app.leavers.queries import list_unreported_items
from requests_app.leavers.vacancies import Vacancy, list_vacancies


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


@transaction.atomic(durable=True)
def report_vacancies(*, now: datetime) -> int:
    """The workers' verb: put each role that nobody holds any more on the record, once, whatever emptied it; governance is
    told. Returns how many are new.
    """
    acquire_transaction_lock(AdvisoryLock.ROLE_VACANCIES)
    found = {(one.role, one.team.pk if one.team else None): one for one in list_vacancies()}
    known = {(row.role, row.team_id): row for row in RoleVacancy.objects.filter(ended_at=None)}
    RoleVacancy.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in found]).update(
        ended_at=now
    )
    new = [vacancy for key, vacancy in found.items() if key not in known]
    governors = sorted(list_governors().values_list("pk", flat=True))
    for vacancy in new:
        data = {"what": _describe_vacancy(vacancy), "role": vacancy.role, "people": governors}
        subject = f"team:{vacancy.team.pk}" if vacancy.team else f"role:{vacancy.role}"
        event = record_event(
            verb="report_vacancy", actor="engine:leavers", subject=subject, data=data, now=now
        )
        RoleVacancy.objects.create(role=vacancy.role, team=vacancy.team, since=now, event=event)
    return len(new)


@builds_stored_text
def _describe_vacancy(vacancy: Vacancy) -> str:
    return vacancy.text
