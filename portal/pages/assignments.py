"""What the form answers that assigns what waits to one of those who may decide."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kernel.errors import ForbiddenError, IllegalTransitionError, RefusedError
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from requests_app.review.assignment.models import Assignment


def answer_assignment(
    request: HttpRequest, act: Callable[..., Assignment | None], page: str, pk: int
) -> HttpResponse:
    """Back to the page of the row, with what was done or why it was not."""
    person_id = parse_id(request.POST.get("assignee", ""))
    try:
        assigned = act(person_id=person_id, now=get_request_time(request))
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, _("Not assigned: %(reason)s") % {"reason": error})
    except IllegalTransitionError:
        messages.error(request, _("Not assigned: it was decided in the meantime."))
    else:
        if assigned is None:
            messages.success(request, _("Assigned to nobody."))
        else:
            messages.success(request, _("Assigned to %(name)s.") % {"name": assigned.person.name})
    return redirect(page, pk)
