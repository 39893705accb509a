"""The API's list of a declared list."""

from collections.abc import Callable
from typing import Any

from rest_framework.request import Request

from portal.api.openapi import LIST, documented, listed, sort_by
from portal.api.pagination import NO_CONTEXT, Context, Shape, answer_list
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
    context: Context = NO_CONTEXT,
    is_built: bool = False,
) -> Callable[..., Any]:
    """The `get` of a view: rows, filters, sorts and order are those of the declaration. `is_built` says that `shape` takes what
    `build_rows` makes, as the page does.
    """
    sorts = declared.sorts

    @documented(
        name,
        summary,
        listed(shape),
        parameters=(*LIST, *([sort_by(sorts)] if sorts else []), declared.filters),
        errors=errors,
        description=description,
    )
    def get(_view: Any, request: Request) -> Any:
        shown = declared(get_signed_in_person(request), get_request_time(request))
        rows = declared.filters.apply(shown.list_rows(), request.query_params)
        wrap = shown.build_rows if is_built else list
        return answer_list(
            request, rows, shape, order=declared.order, sorts=sorts, context=context, wrap=wrap
        )

    return get
