"""Endpoints that every kind of decision has: get, approve, reject, withdraw, end."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from decisions.actions import approve_proposal, end_proposal, reject_proposal, withdraw_proposal
from decisions.kinds import DecidedKind
from decisions.queries import get_proposal
from portal.api.openapi import documented
from portal.api.serializers import EffectsApprovalIn, EmptyIn, ReasonIn, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

Verb = Callable[..., object]


def answer_proposal(
    kind: DecidedKind[Any], out: Any, request: Request, pk: int, status: int = 200
) -> Response:
    row = get_proposal(kind, get_signed_in_person(request), pk)
    return Response(out(row, context={"request": request}).data, status)


def build_decision_urls(
    kind: DecidedKind[Any], out: Any, *, summaries: dict[str, str], end_description: str = ""
) -> list[URLPattern]:
    """Below the address of the kind's list. `out` is the shape of a row; `summaries` are by the names of the operations, which are those of
    the kind's verbs, and of the one that gets a row.
    """
    listing, name, verbs = f"{kind.listing}/<int:pk>", f"api-{kind.page}", kind.verbs
    endpoints = (
        ("approve", verbs.approve, approve_proposal, EffectsApprovalIn, ""),
        ("reject", verbs.reject, reject_proposal, ReasonIn, ""),
        ("withdraw", verbs.withdraw, withdraw_proposal, EmptyIn, ""),
        ("end", verbs.end, end_proposal, ReasonIn, end_description),
    )
    get = documented(f"get_{kind.name}", summaries[f"get_{kind.name}"], out)(_build_get(kind, out))
    return [
        path(listing, _build_view("get", get), name=name),
        *(
            path(
                f"{listing}/{word}",
                _build_view(
                    "post",
                    documented(operation, summaries[operation], out, takes=takes, description=description)(
                        _build_post(kind, out, verb, takes)
                    ),
                ),
                name=f"{name}-{word}",
            )
            for word, operation, verb, takes, description in endpoints
        ),
    ]


def _build_view(method: str, endpoint: Any) -> Any:
    view: Any = type("DecisionView", (APIView,), {method: endpoint})
    return view.as_view()


def _build_get(kind: DecidedKind[Any], out: Any) -> Any:
    def get(_view: APIView, request: Request, pk: int) -> Response:
        return answer_proposal(kind, out, request, pk)

    return get


def _build_post(kind: DecidedKind[Any], out: Any, verb: Verb, takes: Any) -> Any:
    def post(_view: APIView, request: Request, pk: int) -> Response:
        said = read_body(takes, request)
        words = {"comment": "", **said} if takes is EffectsApprovalIn else said
        verb(
            kind=kind,
            acting_user=get_signed_in_person(request),
            pk=pk,
            now=get_request_time(request),
            **words,
        )
        return answer_proposal(kind, out, request, pk)

    return post
