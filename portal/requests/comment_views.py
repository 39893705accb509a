"""Comments on an item."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from audit import clock
from identity.errors import RefusedError
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from portal.requests.forms import CommentForm
from requests_app.access_requests.models import Item
from requests_app.review.comments import comment_on_item
from requests_app.review.queries import get_item_for_review


@require_POST
@hides_what_is_not_yours
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the page on which it was said: the review, or the request."""
    item = get_item_for_review(person_of(request), pk)
    form = CommentForm(request.POST)
    if refusal := _refusal(form) or _commented(request, form, item):
        messages.error(request, refusal)
    on_review = request.POST.get("on") == "review"
    return redirect("review", item.pk) if on_review else redirect("access-request", item.request_id)


def _refusal(form: CommentForm) -> str:
    """What is wrong with the form; empty for one that can be read."""
    return next(
        (str(words[0]) for words in (form.errors.get("comment"), form.non_field_errors()) if words), ""
    )


def _commented(request: HttpRequest, form: CommentForm, item: Item) -> str:
    """Why it was not said; empty when it was."""
    try:
        comment_on_item(acting_user=person_of(request), item_id=item.pk, **form.words, now=clock.now())
    except RefusedError as error:
        return error.message
    return ""
