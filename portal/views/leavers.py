"""Taking over a request whose requester has left."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit import clock
from identity.errors import ForbiddenError, RefusedError
from portal.people import person_of
from portal.views.refusals import hides_what_is_not_yours
from requests_app.leavers.actions import take_over_request


@require_POST
@hides_what_is_not_yours
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        take_over_request(acting_user=person_of(request), request_id=pk, now=clock.now())
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, _("Not taken over. %(reason)s") % {"reason": error})
    else:
        messages.success(request, _("You answer for this request now."))
    return redirect("request", pk)
