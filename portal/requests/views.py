"""Requests: list, detail, withdraw, take over."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.mirror.models import ColumnFacts
from fulfilment.observations.models import ReadingTimes
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from portal.pages.column_pages import ColumnQuery, build_column_page
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.inbox_query import REVIEWED_PARAMETER, NextReview, build_next_review, parse_inbox_query
from portal.pages.partials import (
    NO_CONTENT,
    compute_content_hash,
    get_request_poll_interval,
    is_unchanged,
    render_page_or_fragment,
)
from portal.pages.places import is_own_request, place_page
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.requests.forms import CommentForm
from portal.requests.presenters import ItemDetails, build_item_details
from requests_app.access_requests.may import describe_leaver_access, describe_leaver_request
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.queries import (
    ITEM_VISIBILITY_FIELDS,
    get_request,
    get_visible_item,
)
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.may import is_account_admin
from requests_app.grants.subgrants.queries import filter_pending_subgrants
from requests_app.leavers.actions import take_over_request
from requests_app.leavers.may import may_take_over_request
from requests_app.review.comments import comment_on_item
from requests_app.review.inbox.queries import find_item_key
from requests_app.review.queries import get_item_for_review
from requests_app.submission.actions import withdraw_item
from requests_app.targets.recipients import get_recipient_key, list_recipient_keys

REST = "rest"


@require_POST
@return_404_if_hidden
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        take_over_request(
            acting_user=get_signed_in_person(request), request_id=pk, now=get_request_time(request)
        )
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, _("Not taken over: %(reason)s") % {"reason": error})
    else:
        messages.success(request, _("You are now responsible for this request."))
    return redirect("access-request", pk)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; htmx receives the live part, or 204 if unchanged since `seen`."""
    person = get_signed_in_person(request)
    asked, now, readings = get_request(person, pk), clock.now(), ReadingTimes()
    stories = [build_item_details(item, person, now, readings) for item in asked.items.all()]
    told = [(story.status, story.timeline, story.aws_calls, story.decision) for story in stories]
    request_context = {
        "access_request": asked,
        "item_details": stories,
        "names": list(dict.fromkeys(str(story.item.product or story.item.name) for story in stories)),
        "recipient_name": asked.group.name if asked.group else asked.principal.name,
        "poll_interval": get_request_poll_interval(story.status.display_state for story in stories),
        "content_hash": compute_content_hash(told),
        "is_mine": asked.current_requester.pk == person.pk,
        "is_own": is_own_request(person, asked),
        "pending_subgrant_count": _count_pending_subgrants(asked),
        **_build_inactive_requester_context(person, asked, stories),
        "is_account_admin": is_account_admin(person, asked.principal.account),
        "may_extend": get_recipient_key(asked) in list_recipient_keys(person),
    }
    context = request_context | {"next_review": _find_next_review(request, person, pk)}
    if context["next_review"] or not context["is_own"]:
        place_page(request, "reviews", "my-products", "search")
    if is_unchanged(request, str(context["content_hash"])):
        return HttpResponse(status=NO_CONTENT)
    return render_page_or_fragment(request, "portal/requests/detail.html", "live", context)


def _find_next_review(request: HttpRequest, person: Person, pk: int) -> NextReview | None:
    """For a reader who has just approved an item of this request."""
    reviewed = parse_id(request.GET.get(REVIEWED_PARAMETER, ""))
    if reviewed is None:
        return None
    item = RequestItem.objects.filter(pk=reviewed, request=pk, decisions__decided_by=person).first()
    if item is None:
        return None
    query = parse_inbox_query(request.GET.dict())
    return build_next_review(person, find_item_key(item.pk, query.order), query, get_request_time(request))


def _build_inactive_requester_context(
    person: Person, asked: AccessRequest, stories: Sequence[ItemDetails]
) -> dict[str, object]:
    """Set if the requester is inactive and items are open or live. No query otherwise."""
    waits = any(story.item.state in OPEN_ITEM_STATES for story in stories)
    if asked.current_requester.is_active or not (waits or any(story.is_live for story in stories)):
        return {"inactive_requester_note": "", "may_take_over": False}
    said = describe_leaver_request(asked) if waits else describe_leaver_access(asked)
    return {"inactive_requester_note": said, "may_take_over": bool(may_take_over_request(person, asked))}


def _count_pending_subgrants(asked: AccessRequest) -> int:
    """Approved tables without a subgrant to the requested group. No query without a group."""
    return filter_pending_subgrants(Grant.objects.filter(item__request=asked)).count() if asked.group else 0


@require_POST
@return_404_if_hidden
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        item = withdraw_item(
            acting_user=get_signed_in_person(request), item_id=pk, now=get_request_time(request)
        )
    except (IllegalTransitionError, ForbiddenError) as error:
        reason = (
            _("It was decided in the meantime.") if isinstance(error, IllegalTransitionError) else str(error)
        )
        messages.error(request, _("Not withdrawn: %(reason)s") % {"reason": reason})
        return redirect("access-requests")
    messages.success(request, _("Request withdrawn. Nothing was changed in AWS."))
    return redirect("access-request", item.request_id)


@require_GET
@return_404_if_hidden
def item_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """With `of=rest`, the columns of the table that are not part of the item."""
    rows = RequestItem.objects.select_related(*ITEM_VISIBILITY_FIELDS, "table__database")
    item = get_visible_item(rows, get_signed_in_person(request), pk)
    if not item.target.has_column_choice:
        raise NotFoundError
    asked, rest = _split_columns(item)
    shows_rest = request.GET.get("of") == REST
    context = {
        "item": item,
        "asked_count": len(asked),
        "rest_count": len(rest),
        "shows_rest": shows_rest,
        "columns": build_column_page(
            rest if shows_rest else asked, ColumnQuery.parse(request.GET), lambda column: column.name
        ),
    }
    return render(request, "portal/requests/item_columns.html", context)


def _split_columns(item: RequestItem) -> tuple[list[ColumnFacts], list[ColumnFacts]]:
    """Columns of the item's table that are part of it, and the others. Columns that the table no longer has come first."""
    facts = {column.name: column for column in item.table.column_facts}
    if item.target.has_future_columns:
        return list(facts.values()), []
    names = frozenset(item.columns)
    gone = [ColumnFacts(name, "", "", False, {}) for name in item.columns if name not in facts]
    asked = [column for column in facts.values() if column.name in names]
    return gone + asked, [column for column in facts.values() if column.name not in names]


@require_POST
@return_404_if_hidden
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a comment and redirect to the review or the request."""
    item = get_item_for_review(get_signed_in_person(request), pk)
    form = CommentForm(request.POST)
    form_error = next(
        (str(words[0]) for words in (form.errors.get("comment"), form.non_field_errors()) if words), ""
    )
    if refusal := form_error or _add_comment(request, form, item):
        messages.error(request, refusal)
    on_review = request.POST.get("on") == "review"
    return redirect("review", item.pk) if on_review else redirect("access-request", item.request_id)


def _add_comment(request: HttpRequest, form: CommentForm, item: RequestItem) -> str:
    """The error message; empty on success."""
    try:
        comment_on_item(
            acting_user=get_signed_in_person(request),
            item_id=item.pk,
            **form.arguments,
            now=get_request_time(request),
        )
    except RefusedError as error:
        return error.message
    return ""
