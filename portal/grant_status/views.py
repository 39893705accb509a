"""Proof of a grant in AWS, check now and test query."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kernel.errors import RefusedError
from portal.pages.aws_calls import group_aws_calls
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.partials import render_polled_page
from portal.pages.places import place_access_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.may import describe_leaver_access
from requests_app.grants.end_dates import has_ended
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_grant
from requests_app.grants.status.actions import check_grant, run_test_query
from requests_app.grants.status.may import may_check_grant, may_run_test_query
from requests_app.grants.status.proof import build_proof
from requests_app.grants.status.role_queries import find_query_obstacle
from requests_app.permissions.may import may_explain_access
from requests_app.review.access_status import get_access_status
from requests_app.review.column_holds import list_open_column_holds
from requests_app.review.timeline import build_item_timeline, build_stages


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    grant = get_grant(person, pk)
    place_access_page(request, person, grant.item.request, grant.item.product)
    ended, status = has_ended(grant, now), get_access_status(grant, now=now)
    events = build_item_timeline(grant.item)
    stages, calls = build_stages(grant.item, status, events, now), group_aws_calls(grant.item, events)
    proof = None if ended else build_proof(grant)
    context = {
        "grant": grant,
        "stages": stages,
        "aws_calls": calls,
        "inactive_requester_note": "" if ended else _describe_inactive_requester(grant),
        "status": status,
        "proof": proof,
        "may_check": bool(may_check_grant(person, grant)),
        "may_query": bool(may_run_test_query(person, grant))
        and not ended
        and not find_query_obstacle(grant, now),
        "may_explain": grant.item.target.is_single_table
        and grant.table.tombstoned_at is None
        and ":iam:" in grant.principal.arn
        and bool(may_explain_access(person, grant.table, grant.principal.arn)),
        "holds": [] if ended else list_open_column_holds([grant]),
    }
    return render_polled_page(
        request,
        "portal/grant_status/detail.html",
        "live",
        context,
        content=(status, stages, calls, proof),
        should_poll=status.display_state.is_changing,
    )


def _describe_inactive_requester(grant: Grant) -> str:
    request = grant.item.request
    return "" if request.current_requester.is_active else describe_leaver_access(request)


@require_POST
@return_404_if_hidden
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the workers read AWS now."""
    grant = check_grant(acting_user=get_signed_in_person(request), grant_id=pk, now=get_request_time(request))
    messages.success(request, _("Check requested. The workers check it next and continue from there."))
    return redirect("grant-proof", grant.pk)


@require_POST
@return_404_if_hidden
def start_test_query(request: HttpRequest, pk: int) -> HttpResponse:
    """Request a test query with the grant's role."""
    try:
        run_test_query(acting_user=get_signed_in_person(request), grant_id=pk, now=get_request_time(request))
    except RefusedError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request, _("Test query requested. The workers run it next, if the role lets them in.")
        )
    return redirect("grant-proof", pk)
