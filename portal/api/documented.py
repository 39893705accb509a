"""What OpenAPI says of an endpoint, beside the endpoint: words, input, answer and errors."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from catalog.query import FACETS, SORTS
from catalog.typed import NAMES

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
LIMIT = OpenApiParameter("limit", int, description="How many at most, 1 to 100.")
BEFORE = OpenApiParameter("before", int, description="Only those older than this id: `next` holds it.")
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
    """Describe one method of a view; `name` is the operation's; an answer that is no JSON is {(status, type): shape}. `conflict` is the shape of a 409 that is more than an error."""
    by_type = answer if isinstance(answer, dict) else {status: answer}
    responses: dict[Any, Any] = {**by_type, 403: ErrorOut}
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
    return cast("Callable[[Endpoint], Endpoint]", said)
