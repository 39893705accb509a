"""How a grant stands in AWS: proof by level, what else must be so, and having it looked at again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from identity.errors import RefusedError
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from requests_app.access_requests.may import describe_left_access
from requests_app.grants.end_dates import has_ended
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_grant
from requests_app.grants.status.actions import check_grant, run_test_query
from requests_app.grants.status.may import may_check_grant, may_run_test_query
from requests_app.grants.status.proof import build_proof
from requests_app.grants.status.role_queries import find_query_obstacle
from requests_app.review.access_status import get_access_status
from requests_app.review.column_holds import list_open_column_holds


@require_GET
@hides_what_is_not_yours
def of_grant(request: HttpRequest, pk: int) -> HttpResponse:
    person, now = person_of(request), clock.now()
    grant = get_grant(person, pk)
    ended = has_ended(grant, now)
    context = {
        "grant": grant,
        "has_left": "" if ended else _has_left(grant),
        "progress": get_access_status(grant, now=now),
        "standing": None if ended else build_proof(grant),
        "may_check": bool(may_check_grant(person, grant)),
        "may_query": bool(may_run_test_query(person, grant))
        and not ended
        and not find_query_obstacle(grant, now),
        "holds": [] if ended else list_open_column_holds([grant]),
    }
    return render(request, "portal/grant_status/detail.html", context)


def _has_left(grant: Grant) -> str:
    request = grant.item.request
    return "" if request.asker.is_active else describe_left_access(request)


@require_POST
@hides_what_is_not_yours
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Wake the scopes of the grant."""
    grant = check_grant(acting_user=person_of(request), grant_id=pk, now=clock.now())
    messages.success(request, _("Check requested. The workers check it next and continue from there."))
    return redirect("grant-proof", grant.pk)


@require_POST
@hides_what_is_not_yours
def query(request: HttpRequest, pk: int) -> HttpResponse:
    """Query as the grant's role, or say why not."""
    try:
        run_test_query(acting_user=person_of(request), grant_id=pk, now=clock.now())
    except RefusedError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request, _("Test query requested. The workers run it next, if the role lets them in.")
        )
    return redirect("grant-proof", pk)
