"""Endpoints that every kind of decision has: get, approve, reject, withdraw, end."""

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from decisions.actions import approve_proposal, end_proposal, reject_proposal, withdraw_proposal
from decisions.kinds import DecidedKind
from decisions.queries import get_current_proposal
from portal.api.etags import ETAG, IF_MATCH, check_match, quote_etag
from portal.api.openapi import documented
from portal.api.serializers import EffectsApprovalIn, EmptyIn, ReasonIn, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

NO_TEXTS: Mapping[str, Any] = {}


def answer_proposal(
    kind: DecidedKind[Any], out: Any, request: Request, pk: int, status: int = 200
) -> Response:
    """With the hash of its effects as its ETag, where those change while it waits."""
    row = get_current_proposal(kind, get_signed_in_person(request), pk)
    headers = {"ETag": quote_etag(row.effects_hash)} if kind.refresh else None
    return Response(out(row, context={"request": request}).data, status, headers=headers)


def build_decision_urls(
    kind: DecidedKind[Any],
    out: Any,
    *,
    summaries: Mapping[str, str],
    descriptions: Mapping[str, str] = NO_TEXTS,
    address: str = "",
    inputs: Mapping[str, Any] = NO_TEXTS,
) -> list[URLPattern]:
    """Below the address of the kind's list, if no other is given. `out` is the shape of a row; `summaries` and `descriptions` are by the
    names of the operations, which are those of the kind's verbs, and of the one that gets a row. So are `inputs`: shapes of what is sent,
    which may say `comment` for a reason. The last part of an address is the first word of its verb.

    Where a kind refreshes effects, an approval is of the version that its If-Match names.
    """
    listing, name, verbs = f"{address or kind.listing}/<int:pk>", f"api-{kind.page}", kind.verbs
    endpoints = (
        (verbs.approve, approve_proposal, EffectsApprovalIn),
        (verbs.reject, reject_proposal, ReasonIn),
        (verbs.withdraw, withdraw_proposal, EmptyIn),
        (verbs.end, end_proposal, ReasonIn),
    )
    shown = (ETAG,) if kind.refresh else ()
    get = documented(f"get_{kind.name}", summaries[f"get_{kind.name}"], out, parameters=shown)
    urls = [path(listing, _build_view("get", get(_build_get(kind, out))), name=name)]
    for operation, verb, default in endpoints:
        if not operation:
            continue
        takes = inputs.get(operation, default)
        needs_match = kind.refresh is not None and verb is approve_proposal
        describe = documented(
            operation,
            summaries[operation],
            out,
            takes=takes,
            errors=(403, 404, 412, 428) if needs_match else (404,),
            parameters=(IF_MATCH, ETAG) if needs_match else (),
            description=descriptions.get(operation, ""),
        )
        word = operation.partition("_")[0]
        members = {"reason": "comment"} if takes is not default else {}
        members |= {"effects_hash": "", "definitions": ""} if needs_match else {}
        view = _build_view("post", describe(_build_post(kind, out, verb, takes)), members)
        urls.append(path(f"{listing}/{word}", view, name=f"{name}-{word}"))
    return urls


def _build_view(method: str, endpoint: Any, members: Mapping[str, str] = NO_TEXTS) -> Any:
    """`members` are those of the body, by argument names of the verb."""
    view: Any = type("DecisionView", (APIView,), {method: endpoint, "members": members})
    return view.as_view()


def _build_get(kind: DecidedKind[Any], out: Any) -> Any:
    def get(_view: APIView, request: Request, pk: int) -> Response:
        return answer_proposal(kind, out, request, pk)

    return get


def _build_post(kind: DecidedKind[Any], out: Any, verb: Any, takes: Any) -> Any:
    def post(_view: APIView, request: Request, pk: int) -> Response:
        said = read_body(takes, request)
        person = get_signed_in_person(request)
        if verb is approve_proposal:
            said = {"comment": "", **said}
            said["terms"] = {name: said.pop(name, None) for name in kind.terms}
            if kind.refresh:
                said["effects_hash"] = get_current_proposal(kind, person, pk).effects_hash
                check_match(request, quote_etag(said["effects_hash"]))
        elif "comment" in said:
            said = {"reason": said["comment"]}
        verb(kind=kind, acting_user=person, pk=pk, now=get_request_time(request), **said)
        return answer_proposal(kind, out, request, pk)

    return post
