"""Has a registered table compared with its source."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.registrations.comparisons.actions import request_comparison
from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


@require_POST
@return_404_if_hidden
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        request_comparison(
            acting_user=get_signed_in_person(request), registration_id=pk, now=get_request_time(request)
        )
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The rows are being compared. The result appears here."))
    return redirect("registration", pk)
