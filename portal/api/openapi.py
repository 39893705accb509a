"""What OpenAPI says of an endpoint, beside the endpoint: words, input, answer and errors."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from catalog.search.facet_definitions import FACETS
from catalog.search.query import NAMES, SORTS
from portal.api.filters import ListFilters, get_facet_parameter
from portal.api.idempotency import KEY, once_a_key
from portal.api.pagination import page_of
from portal.api.problems import MEDIA_TYPE

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
LIMIT = OpenApiParameter("limit", int, description="How many results at most, 1 to 100. 25 if you send none.")
CURSOR = OpenApiParameter(
    "cursor",
    str,
    description="Where the page begins. Take it from the `next` or `previous` address of a page.",
)
FIELDS = OpenApiParameter(
    "fields", str, description="Only these members of each result: `id,state,target.name`."
)
FORMAT = OpenApiParameter(
    "format", str, enum=["json", "csv", "ndjson"], description="All results as a file instead of one page."
)
LIST = (LIMIT, CURSOR, FIELDS, FORMAT)
WHOSE = OpenApiParameter(
    "whose",
    str,
    enum=["mine", "all"],
    description="Your own, or all that you may see. Auditors get all if they send none, others their own.",
)
SORT = OpenApiParameter("sort", str, enum=SORTS, description="By relevance if you send none.")
TEXT = OpenApiParameter(
    "q", str, description=f'Words, "phrases", -exclusions, and filters as name:value: {", ".join(NAMES)}.'
)
FACET_PARAMETERS = tuple(
    OpenApiParameter(get_facet_parameter(name), str, many=True, description="A value of this facet.")
    for name in FACETS
)
MEANINGS = {
    400: "The call is not well formed: `errors` names each parameter or member.",
    401: "You are not signed in.",
    403: "You may see this, but not do this.",
    404: "It does not exist, or you may not see it.",
    409: "Its state, or what you looked at, has changed. Nothing was done.",
    412: "It was changed since you read it: its ETag is another one.",
    413: "The body is larger than the site takes.",
    415: "The body has a type or an encoding that this address does not take.",
    422: "The call is well formed, but this cannot be done as it is: `errors` says why.",
    428: "Send `If-Match` with the ETag that you read.",
    429: "You sent too many requests. `Retry-After` says when to send the next.",
    503: "The site cannot answer just now. Send the call again in a minute.",
}
ALWAYS = frozenset({400, 401, 403, 413, 429, 503})
"""Of every operation: what is answered before the operation is reached."""
WITH_BODY = frozenset({409, 415, 422})


class FaultOut(serializers.Serializer[Any]):
    """An invalid input. `pointer` is its place in the body, `parameter` its name in the query, `header` its
    name in the headers; one of the three is present. `name` is that of required information.
    """

    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)
    header = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """Why nothing was done (RFC 9457). Branch on `code`; `title` and `detail` are for people and translated. Quote
    `request_id` when you ask for help.
    """

    type = serializers.CharField(help_text="address of the help page of this kind of problem")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = FaultOut(many=True)  # type: ignore[assignment]


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
    description: str = "",
    takes_key: bool = True,
) -> Callable[[Endpoint], Endpoint]:
    """Describe one method of a view, and refuse query parameters that are not among `parameters`, which may name
    `ListFilters`. `name` is the operation's;
    an answer that is no JSON is {(status, type): shape}; `conflict` is the shape of a 409 that says more than a problem. A
    method that writes takes an Idempotency-Key unless `takes_key` is false: keyed answers are stored.
    """
    shown: list[Any] = []
    for one in parameters:
        is_filters = isinstance(one, type) and issubclass(one, ListFilters)
        shown += one.list_parameters() if is_filters else [one]
    known = frozenset(_query_names(shown))

    def describe(endpoint: Endpoint) -> Endpoint:
        writes = endpoint.__name__ in {"post", "patch"}
        is_keyed = writes and takes_key
        codes = {*ALWAYS, *errors, *(WITH_BODY if takes or writes else [])}
        by_type = answer if isinstance(answer, dict) else {status: answer}
        said = extend_schema(
            operation_id=name,
            summary=summary,
            description=description,
            request=takes,
            responses={**by_type, **_problems(codes, conflict)},
            parameters=[*shown, *([KEY] if is_keyed else [])],
        )
        return cast("Endpoint", said(_checked(endpoint, known, is_keyed=is_keyed)))

    return describe


def _checked(endpoint: Endpoint, known: frozenset[str], *, is_keyed: bool) -> Callable[..., Any]:
    done = once_a_key(endpoint) if is_keyed else endpoint

    @wraps(endpoint)
    def checked(view: Any, request: Request, *arguments: Any, **named: Any) -> Any:
        _refuse_unknown(request, known)
        return done(view, request, *arguments, **named)

    return checked


def listed(shape: type[serializers.Serializer[Any]]) -> dict[Any, Any]:
    """The answers of a list: a page, or a file."""
    return {
        200: page_of(shape),
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "application/x-ndjson"): OpenApiTypes.STR,
    }


def sort_by(sorts: Iterable[str]) -> OpenApiParameter:
    names = ", ".join(f"`{name}`" for name in sorts)
    return OpenApiParameter("sort", str, description=f"By {names}; descending with a minus before it.")


def _problems(codes: Iterable[int], conflict: Any) -> dict[Any, Any]:
    shapes = dict.fromkeys(sorted(codes), ProblemOut) | ({409: conflict} if conflict else {})
    return {
        (code, MEDIA_TYPE): OpenApiResponse(shape, description=MEANINGS.get(code, "Nothing was done."))
        for code, shape in shapes.items()
    }


def _query_names(parameters: Iterable[Any]) -> Iterable[str]:
    """Names in the query, of single parameters and of serializers whose fields are parameters."""
    for parameter in parameters:
        if isinstance(parameter, OpenApiParameter):
            yield from [parameter.name] if parameter.location == OpenApiParameter.QUERY else []
        else:
            yield from parameter().fields


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """ValidationError that names each parameter that this address does not take, and those that it does."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        taken = _("This address takes %(names)s.") % {"names": ", ".join(sorted(known))}
        message = _("There is no parameter of this name.")
        text = f"{message} {taken}" if known else message
        raise ValidationError({name: [ErrorDetail(text, "unknown_parameter")] for name in unknown})
