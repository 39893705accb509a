"""The page on which the asker changes an item that was returned."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from identity.errors import NotFoundError, RefusedError
from portal.pages.post_fields import action_in
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from portal.request_form.defaults import days_to_choose
from portal.request_form.demands import demands_in, said_in
from portal.request_form.forecast import answer_ahead
from portal.request_form.forms import Extent
from portal.request_form.offer import hours_of
from portal.requests.change_forecast import forecast_of_change
from portal.requests.comments import talk_of
from portal.requests.forms import ChangeForm
from requests_app.access_requests.models import Item
from requests_app.review.queries import get_item_for_review
from requests_app.state_transitions import IllegalTransitionError
from requests_app.submission.changes import resubmit_item

FIELD_OF = {"row_rule": "row_rule", "ends_at": "ends_on", "comment": "comment"}


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """The page on which the asker changes what came back; 404 for everyone else, and for what is not back. `do=ahead`
    answers with the fragment that says what will happen; nothing is written.
    """
    person = person_of(request)
    item = get_item_for_review(person, pk)
    talk = talk_of(item, person)
    looks_ahead = action_in(request, "ahead", "ask") == "ahead"
    if (request.method == "GET" or looks_ahead) and not talk.may_change:
        raise NotFoundError
    form, now = ChangeForm(request.POST or None, initial=_as_asked(item)), clock.now()
    picked = request.POST.getlist("columns") if form.is_bound else item.columns
    if looks_ahead:
        return _foreseen(request, form, item, picked)
    if form.is_bound and form.is_valid() and _changed(request, form, item, picked):
        return redirect("access-request", item.request_id)
    ahead = forecast_of_change(person, item, form, picked, now)
    context = {
        "item": item,
        "talk": talk,
        "form": form,
        "columns": [(column, column.name in picked) for column in item.table.columns.all()],
        "hours": hours_of(item.offer) if item.offer else None,
        "forecast": ahead.sentence,
        "demands": demands_in(request, person, form, ahead.demands, item.answers),
        **days_to_choose(now),
    }
    return render(request, "portal/requests/edit.html", context, status=422 if form.is_bound else 200)


def _foreseen(request: HttpRequest, form: ChangeForm, item: Item, picked: list[str]) -> HttpResponse:
    ahead = forecast_of_change(person_of(request), item, form, picked, clock.now())
    return answer_ahead(request, form, ahead, item.answers)


def _as_asked(item: Item) -> dict[str, object]:
    whole = Extent.WHOLE if item.whole_table else Extent.COLUMNS
    return {
        "extent": Extent.METADATA if item.metadata_only else whole,
        "row_rule": item.row_rule,
        "ends_on": timezone.localdate(item.ends_at),
    }


def _changed(request: HttpRequest, form: ChangeForm, item: Item, picked: list[str]) -> bool:
    """Whether the change stands; if not, the form says why and nothing was changed."""
    now = clock.now()
    try:
        resubmit_item(
            acting_user=person_of(request),
            item_id=item.pk,
            ask=form.ask(item, picked),
            ends_at=form.ends_at(item, now),
            comment=form.cleaned_data["comment"],
            now=now,
            provided=said_in(request.POST),
        )
    except RefusedError as error:
        form.refuse(error, FIELD_OF.get(error.field))
    except IllegalTransitionError:
        form.add_error(None, _("This request is no longer yours to change. Nothing was changed."))
    else:
        messages.success(request, _("Resubmitted. The data owner sees what you changed."))
        return True
    return False
