"""Choose the link naming of an account, on the page of its local groups."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.link_naming.actions import choose_link_naming


@require_POST
@return_404_if_hidden
def choose(request: HttpRequest, account_id: str) -> HttpResponse:
    try:
        choose_link_naming(
            acting_user=get_signed_in_person(request), account_id=account_id, database=get_text_field(request, "database"),
            link_naming=get_text_field(request, "way"), now=get_request_time(request),
        )  # fmt: skip
    except RefusedError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            _("Saved. The new names are created and proven first; the old ones are removed after that."),
        )
    return redirect("local-groups", account_id)
