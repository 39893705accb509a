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
from requests_app.grants.queries import grant_for
from requests_app.grants.status.actions import look_again, query_as_role
from requests_app.grants.status.may import may_look_again, may_query_as_role
from requests_app.grants.status.proof import standing_of
from requests_app.grants.status.role_queries import why_not_queried
from requests_app.review.column_holds import holds_on
from requests_app.review.progress import progress_of


@require_GET
@hides_what_is_not_yours
def of_grant(request: HttpRequest, pk: int) -> HttpResponse:
    person, now = person_of(request), clock.now()
    grant = grant_for(person, pk)
    ended = has_ended(grant, now)
    context = {
        "grant": grant,
        "has_left": "" if ended else _has_left(grant),
        "progress": progress_of(grant, now=now),
        "standing": None if ended else standing_of(grant),
        "may_check": bool(may_look_again(person, grant)),
        "may_query": bool(may_query_as_role(person, grant)) and not ended and not why_not_queried(grant, now),
        "holds": [] if ended else holds_on([grant]),
    }
    return render(request, "portal/grant_status/detail.html", context)


def _has_left(grant: Grant) -> str:
    request = grant.item.request
    return "" if request.asker.is_active else describe_left_access(request)


@require_POST
@hides_what_is_not_yours
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Wake the scopes of the grant."""
    grant = look_again(acting_user=person_of(request), grant_id=pk, now=clock.now())
    messages.success(request, _("Asked for. The workers look at it next, and go on from where they are."))
    return redirect("standing", grant.pk)


@require_POST
@hides_what_is_not_yours
def query(request: HttpRequest, pk: int) -> HttpResponse:
    """Query as the grant's role, or say why not."""
    try:
        query_as_role(acting_user=person_of(request), grant_id=pk, now=clock.now())
    except RefusedError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Asked for. The workers query it next, where the role lets them in."))
    return redirect("standing", pk)
