"""The choice of an account's admins: how what it is granted is found there. It stands on the page of its local groups."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit import clock
from identity.errors import RefusedError
from portal.pages.post_fields import line_in
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from requests_app.grants.link_naming.actions import choose_link_naming


@require_POST
@hides_what_is_not_yours
def choose(request: HttpRequest, account_id: str) -> HttpResponse:
    try:
        choose_link_naming(
            acting_user=person_of(request), account_id=account_id, database=line_in(request, "database"),
            way=line_in(request, "way"), now=clock.now(),
        )  # fmt: skip
    except RefusedError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            _("Saved. The new names are created and proven first; the old ones are removed after that."),
        )
    return redirect("local-groups", account_id)
