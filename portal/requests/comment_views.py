"""Comments on an item."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.requests.forms import CommentForm
from requests_app.access_requests.models import RequestItem
from requests_app.review.comments import comment_on_item
from requests_app.review.queries import get_item_for_review


@require_POST
@return_404_if_hidden
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a comment and redirect to the review or the request."""
    item = get_item_for_review(get_signed_in_person(request), pk)
    form = CommentForm(request.POST)
    if refusal := _get_form_error(form) or _add_comment(request, form, item):
        messages.error(request, refusal)
    on_review = request.POST.get("on") == "review"
    return redirect("review", item.pk) if on_review else redirect("access-request", item.request_id)


def _get_form_error(form: CommentForm) -> str:
    """The first error of the form, or empty."""
    return next(
        (str(words[0]) for words in (form.errors.get("comment"), form.non_field_errors()) if words), ""
    )


def _add_comment(request: HttpRequest, form: CommentForm, item: RequestItem) -> str:
    """The error message; empty on success."""
    try:
        comment_on_item(
            acting_user=get_signed_in_person(request),
            item_id=item.pk,
            **form.arguments,
            now=get_request_time(request),
        )
    except RefusedError as error:
        return error.message
    return ""
