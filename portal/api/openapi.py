"""What OpenAPI says of an endpoint, beside the endpoint: words, input, answer and errors."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from catalog.search.filter_syntax import NAMES
from catalog.search.query import FACETS, SORTS

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
LIMIT = OpenApiParameter("limit", int, description="How many at most, 1 to 100.")
BEFORE = OpenApiParameter("before", int, description="Only those older than this id: `next` holds it.")
WHOSE = OpenApiParameter(
    "whose",
    str,
    enum=["mine", "all"],
    description="Your own, or all that you may see. Auditors get all when nothing is said, others their own.",
)
AFTER = OpenApiParameter("after", int, description="Only those newer than this id: `next` holds it.")
OFFSET = OpenApiParameter("offset", int, description="How many to leave out, 10,000 at most.")
CURSOR = OpenApiParameter(
    "cursor",
    str,
    description="Goes on where a page ended: its `next`, with everything else as it was. What comes or goes meanwhile"
    " shifts nothing.",
)
SORT = OpenApiParameter("sort", str, enum=SORTS, description="By relevance unless said otherwise.")
TEXT = OpenApiParameter(
    "q", str, description=f'Words, "phrases", -exclusions, and filters as name:value: {", ".join(NAMES)}.'
)
CHOSEN = tuple(
    OpenApiParameter(name, str, many=True, description="A value of this facet.") for name in FACETS
)


class ErrorOut(serializers.Serializer[Any]):
    """Why nothing was done. `field` names the input, or is empty."""

    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField()


def documented(
    name: str,
    summary: str,
    answer: Any,
    *,
    takes: Any = None,
    status: int = 200,
    errors: tuple[int, ...] = (404,),
    parameters: tuple[Any, ...] = (),
    conflict: Any = None,
) -> Callable[[Endpoint], Endpoint]:
    """Describe one method of a view, and refuse query parameters that are not among `parameters`; `name` is the operation's; an answer that is no JSON is {(status, type): shape}. `conflict` is the shape of a 409 that is more than an error."""
    by_type = answer if isinstance(answer, dict) else {status: answer}
    responses: dict[Any, Any] = {**by_type, 401: ErrorOut, 403: ErrorOut, 429: ErrorOut}
    responses |= dict.fromkeys(errors, ErrorOut)
    if conflict is not None:
        responses[409] = conflict
    said = extend_schema(
        operation_id=name,
        summary=summary,
        description="",
        request=takes,
        responses=responses,
        parameters=list(parameters),
    )
    known = frozenset(_query_names(parameters))

    def describe(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        def checked(view: Any, request: Request, *arguments: Any, **named: Any) -> Any:
            _refuse_unknown(request, known)
            return endpoint(view, request, *arguments, **named)

        return cast("Endpoint", said(checked))

    return describe


def _query_names(parameters: Iterable[Any]) -> Iterable[str]:
    """Names in the query, of single parameters and of serializers whose fields are parameters."""
    for one in parameters:
        if isinstance(one, OpenApiParameter):
            yield from [one.name] if one.location == OpenApiParameter.QUERY else []
        else:
            yield from one().fields


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """ValidationError at the first parameter that this address does not take, with those that it does."""
    for name in request.query_params:
        if name in known:
            continue
        taken = _("This address takes %(names)s.") % {"names": ", ".join(sorted(known))}
        message = _("There is no parameter of this name.")
        raise ValidationError({name: f"{message} {taken}" if known else message})
