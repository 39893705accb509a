"""Requesting access: the form for what the address names."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from kernel.errors import NotFoundError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.row_ids import parse_id
from portal.request_form import database_views, lf_tag_views, table_views


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new_request(request: HttpRequest) -> HttpResponse:
    """`table` or `database` by id, or `tag=key=value` with `catalog`; `offer` is the version of an offer, `extends`
    the id of a live grant.
    """
    if "table" in request.GET:
        return table_views.request_table(request, _id(request, "table"))
    if "database" in request.GET:
        return database_views.request_database(request, _id(request, "database"))
    return lf_tag_views.request_by_tags(request)


def _id(request: HttpRequest, name: str) -> int:
    found = parse_id(request.GET[name])
    if found is None:
        raise NotFoundError
    return found
