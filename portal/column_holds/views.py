"""Letting in a column that came later to a table that was granted whole."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from identity.errors import ForbiddenError, RefusedError
from portal.pages.forms import ReasonForm
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from requests_app.review.column_holds import get_column_hold, release_column
from requests_app.review.may import may_release_column


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that asks why, and the deed. Who may not is told who may."""
    person = person_of(request)
    hold, grant = get_column_hold(person, pk)
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid() and _released(request, form, pk):
        return redirect("grant-proof", grant.pk)
    refusal = may_release_column(person, grant.item).reason
    back = reverse("grant-proof", args=[grant.pk])
    context = {"hold": hold, "grant": grant, "form": form, "refusal": refusal, "back": back}
    return render(
        request, "portal/column_holds/release_column.html", context, status=422 if form.is_bound else 200
    )


def _released(request: HttpRequest, form: ReasonForm, pk: int) -> bool:
    reason = form.cleaned_data["reason"]
    try:
        release_column(acting_user=person_of(request), hold_id=pk, reason=reason, now=clock.now())
    except RefusedError as error:
        form.add_error("reason", error.message)
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, _("Column released. The workers open it in AWS and read it back."))
        return True
    return False
