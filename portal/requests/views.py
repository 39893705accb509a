"""A person's requests, their progress, withdrawal and take-over."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from fulfilment.observations.reading_age import ReadingTimes
from identity.errors import ForbiddenError, RefusedError
from identity.people.models import Person
from portal.pages.list_scope import whose_in
from portal.pages.pagination import pager_of
from portal.pages.partials import NO_CONTENT, mark_of, page_or_fragment, pause_of_one, polled, unchanged
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from portal.requests.presenters import ItemStory, item_story, request_shown
from requests_app.access_requests.may import describe_left_access, describe_left_request
from requests_app.access_requests.models import AccessRequest
from requests_app.access_requests.queries import get_request, list_own_requests, list_visible_requests
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.may import is_account_admin
from requests_app.grants.subgrants.queries import filter_pending_subgrants
from requests_app.leavers.actions import take_over_request
from requests_app.leavers.may import may_take_over_request
from requests_app.leavers.queries import list_left_requests
from requests_app.state_transitions import IllegalTransitionError
from requests_app.submission.actions import withdraw_item
from requests_app.targets.recipients import get_recipient_key, list_recipient_keys


@require_POST
@hides_what_is_not_yours
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        take_over_request(acting_user=person_of(request), request_id=pk, now=clock.now())
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, _("Not taken over: %(reason)s") % {"reason": error})
    else:
        messages.success(request, _("You are now responsible for this request."))
    return redirect("access-request", pk)


A_PAGE = 25


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), clock.now()
    whose = whose_in(request.GET, person)
    found = list_visible_requests(person) if whose.is_all else list_own_requests(person)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    readings = ReadingTimes()
    rows = [request_shown(row, now, readings) for row in page]
    pager = pager_of(page, f"whose={whose.value}" if "whose" in request.GET else "")
    context = {"rows": rows, "pager": pager, "whose": whose, "left_behind": list_left_requests(person)}
    shown = [(row.request.pk, row.states) for row in rows]
    is_moving = any(state.is_moving for row in rows for state, _count in row.states)
    return polled(request, "portal/requests/list.html", "list", context, shown=shown, is_moving=is_moving)


@require_GET
@hides_what_is_not_yours
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; to htmx its live part, or nothing when nothing has changed since `seen`."""
    context = _story(person_of(request), pk)
    if unchanged(request, str(context["mark"])):
        return HttpResponse(status=NO_CONTENT)
    return page_or_fragment(request, "portal/requests/detail.html", "live", context)


def _story(person: Person, pk: int) -> dict[str, object]:
    asked, now, readings = get_request(person, pk), clock.now(), ReadingTimes()
    stories = [item_story(item, person, now, readings) for item in asked.items.all()]
    told = [(story.progress, story.beats) for story in stories]
    return {
        "asked": asked,
        "stories": stories,
        "pause": pause_of_one(story.progress.shown for story in stories),
        "mark": mark_of(told),
        "is_mine": asked.asker.pk == person.pk,
        "waits_to_be_passed_on": _waiting(asked),
        **_left_behind(person, asked, stories),
        "administers": is_account_admin(person, asked.principal.account),
        "may_extend": get_recipient_key(asked) in list_recipient_keys(person),
    }


def _left_behind(person: Person, asked: AccessRequest, stories: Sequence[ItemStory]) -> dict[str, object]:
    """That whoever answers for it has left, while some of it waits or is live. No query while they have not."""
    waits = any(story.item.state in OPEN_ITEM_STATES for story in stories)
    if asked.asker.is_active or not (waits or any(story.is_live for story in stories)):
        return {"has_left": "", "may_take_over": False}
    said = describe_left_request(asked) if waits else describe_left_access(asked)
    return {"has_left": said, "may_take_over": bool(may_take_over_request(person, asked))}


def _waiting(asked: AccessRequest) -> int:
    """Tables that were agreed to and not passed on to the group for which it was asked. No query without one."""
    return filter_pending_subgrants(Grant.objects.filter(item__request=asked)).count() if asked.group else 0


@require_POST
@hides_what_is_not_yours
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        item = withdraw_item(acting_user=person_of(request), item_id=pk, now=clock.now())
    except (IllegalTransitionError, ForbiddenError) as error:
        reason = (
            _("It was decided in the meantime.") if isinstance(error, IllegalTransitionError) else str(error)
        )
        messages.error(request, _("Not withdrawn: %(reason)s") % {"reason": reason})
        return redirect("access-requests")
    messages.success(request, _("Request withdrawn. Nothing was changed in AWS."))
    return redirect("access-request", item.request_id)
