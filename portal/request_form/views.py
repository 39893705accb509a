"""Requesting access: the form for what the address names."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from portal.pages.error_responses import return_404_if_hidden
from portal.request_form.database_views import DatabaseInput
from portal.request_form.lf_tags_views import TagsInput
from portal.request_form.table_views import TableInput
from portal.request_form.target_input import TargetInput

BY_TAGS = TagsInput()
TARGET_INPUTS: tuple[TargetInput, ...] = (TableInput(), DatabaseInput(), BY_TAGS)
"""Of each kind of target. An address that names none has a form by LF-Tags, which says so."""


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new_request(request: HttpRequest) -> HttpResponse:
    """`table` or `database` by id, or `tag=key=value` with `catalog`; `offer` is the version of an offer, `extends`
    the id of a live grant.
    """
    named = (one for one in TARGET_INPUTS if one.parameter in request.GET)
    return next(named, BY_TAGS).render_form(request)
