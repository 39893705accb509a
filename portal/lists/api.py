"""The API's list of a declared list."""

from typing import Any, cast

from rest_framework.request import Request

from portal.api.endpoints import Endpoint
from portal.api.openapi import LIST, WHOSE, documented, listed, sort_by
from portal.api.pagination import Shape, answer_list, asks_for_all
from portal.lists.declaration import ListPage
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


def list_endpoint(
    name: str,
    summary: str,
    shape: Shape,
    declared: type[ListPage],
    *,
    description: str = "",
    errors: tuple[int, ...] = (),
    is_built: bool = False,
) -> Endpoint:
    """The `get` of a view: rows, filters, sorts and order are those of the declaration. `is_built` says that `shape` takes what
    `build_rows` makes, as the page does.
    """
    sorts, scope = declared.sorts, [WHOSE] if declared.has_scope else []

    @documented(
        name,
        summary,
        listed(shape),
        parameters=(*LIST, *([sort_by(sorts)] if sorts else []), *scope, declared.filters),
        errors=errors,
        description=description,
    )
    def get(_view: Any, request: Request, **ids: Any) -> Any:
        person = get_signed_in_person(request)
        shown = declared(person, get_request_time(request), **ids)
        shown.shows_all = declared.has_scope and asks_for_all(request, person)
        return answer_list(
            request,
            declared.filters.apply(cast("Any", shown.list_rows()), request.query_params),
            shape,
            order=declared.order,
            sorts=sorts,
            context=shown.build_api_context,
            wrap=shown.build_rows if is_built else list,
        )

    return get
