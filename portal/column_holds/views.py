"""Release a new column of a table that was granted as a whole."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kernel.errors import ForbiddenError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import ReasonForm
from portal.pages.places import place_access_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.review.column_holds import get_column_hold, release_column
from requests_app.review.may import may_release_column


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason and release. People without permission see who has it."""
    person = get_signed_in_person(request)
    hold, grant = get_column_hold(person, pk)
    place_access_page(request, person, grant.item.request, grant.item.product)
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid() and _release(request, form, pk):
        return redirect("grant-proof", grant.pk)
    refusal = may_release_column(person, grant.item).reason
    back = reverse("grant-proof", args=[grant.pk])
    context = {"hold": hold, "grant": grant, "form": form, "refusal": refusal, "back": back}
    return render(
        request, "portal/column_holds/release_column.html", context, status=422 if form.is_bound else 200
    )


def _release(request: HttpRequest, form: ReasonForm, pk: int) -> bool:
    reason = form.cleaned_data["reason"]
    try:
        release_column(
            acting_user=get_signed_in_person(request),
            hold_id=pk,
            reason=reason,
            now=get_request_time(request),
        )
    except RefusedError as error:
        form.add_error("reason", error.message)
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, _("Column released. The workers open it in AWS and read it back."))
        return True
    return False
