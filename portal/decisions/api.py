"""What every kind of decision has in the API: the shape of a row, and endpoints that list, request, get and decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from decisions.actions import approve_proposal, end_proposal, reject_proposal, withdraw_proposal
from decisions.kinds import DecidedKind
from decisions.queries import get_current_proposal
from identity.people.models import Person
from kernel import clock
from portal.api.decision_states import DecisionStateOut
from portal.api.etags import ETAG, IF_MATCH, check_match, quote_etag
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.filters import ListFilters
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import EffectsApprovalIn, EmptyIn, ReasonIn, StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

Verb = Callable[..., object]
NO_TEXTS: Mapping[str, Any] = {}
LAST_MEMBERS = (
    "requested_by",
    "requested_at",
    "decided_by",
    "decided_at",
    "comment",
    "ended_by",
    "ended_at",
    "end_reason",
)


class ProposalOut(Resource):
    """A row of the kind. A subclass adds what is asked for, and `status` where more than the state is seen of a row."""

    kind: ClassVar[DecidedKind[Any]]
    requested_by = Reference()
    requested_at = TimeOut()
    decided_by = OptionalReference()
    decided_at = TimeOut(allow_null=True)
    comment = TextOut()
    ended_by = OptionalReference()
    ended_at = TimeOut(allow_null=True)
    end_reason = TextOut()

    def get_fields(self) -> dict[str, Any]:
        """The state first, who asked and decided last."""
        own = super().get_fields()
        address = {name: own.pop(name) for name in ("id", "url", "html_url")}
        last = {name: own.pop(name) for name in LAST_MEMBERS}
        status = {"status": StatusOut(self.kind)} if self.kind.statuses else {}
        return {**address, "state": DecisionStateOut(self.kind), **status, **own, **last}


class EffectsHashOut(TextOut):
    """The hash of what an approval does; for a decided row, of what was approved."""

    def __init__(self, kind: DecidedKind[Any], **changes: Any) -> None:
        self.kind = kind
        super().__init__(source="*", read_only=True, allow_null=False, **changes)

    def to_representation(self, value: Any) -> str:
        return value.effects_hash or self.kind.compute_effects_hash(value)


class StatusOut(EnumOut):
    """What is proven of a row."""

    def __init__(self, kind: DecidedKind[Any], **changes: Any) -> None:
        self.kind = kind
        super().__init__(kind.statuses, source="*", read_only=True, **changes)

    def to_representation(self, value: Any) -> str:
        return str(super().to_representation(self.kind.get_status(value, clock.now())))


def answer_proposal(
    kind: DecidedKind[Any], out: Any, request: Request, pk: int, status: int = 200
) -> Response:
    """With the hash of its effects as its ETag, where those change while it waits."""
    row = get_current_proposal(kind, get_signed_in_person(request), pk)
    headers = {"ETag": quote_etag(row.effects_hash)} if kind.refresh else None
    return Response(out(row, context={"request": request}).data, status, headers=headers)


@dataclass(frozen=True, kw_only=True)
class ListApi:
    """How the rows of a kind are listed, and requested. `request` raises RefusedError; `members` are those of `takes` by what the verb
    calls them.
    """

    filters: type[ListFilters]
    takes: type[StrictSerializer]
    request: Callable[[Person, Mapping[str, Any], datetime], Any]
    described: str
    """Of the list."""
    create_described: str
    members: Mapping[str, str] = field(default_factory=dict)


def build_decision_urls(
    kind: DecidedKind[Any],
    out: Any,
    *,
    summaries: Mapping[str, str],
    descriptions: Mapping[str, str] = NO_TEXTS,
    address: str = "",
    inputs: Mapping[str, Any] = NO_TEXTS,
    list_api: ListApi | None = None,
) -> list[URLPattern]:
    """Below the address of the kind's list, if no other is given. `out` is the shape of a row; `summaries` and `descriptions` are by the
    names of the operations, which are those of the kind's verbs, and of those that list, create and get rows. So are `inputs`: shapes of
    what is sent, which may say `comment` for a reason.

    Where a kind refreshes effects, an approval is of the version that its If-Match names.
    """
    listing, name, verbs = f"{address or kind.listing}/<int:pk>", f"api-{kind.page}", kind.verbs
    endpoints = (
        ("approve", verbs.approve, approve_proposal, EffectsApprovalIn),
        ("reject", verbs.reject, reject_proposal, ReasonIn),
        ("withdraw", verbs.withdraw, withdraw_proposal, EmptyIn),
        ("end", verbs.end, end_proposal, ReasonIn),
    )
    shown = (ETAG,) if kind.refresh else ()
    get = documented(f"get_{kind.name}", summaries[f"get_{kind.name}"], out, parameters=shown)
    lists = [_build_list_view(kind, out, list_api, summaries)] if list_api else []
    urls = [path(kind.listing, view, name=f"api-{kind.listing}") for view in lists]
    urls.append(path(listing, _build_view("get", get(_build_get(kind, out))), name=name))
    for word, operation, verb, default in endpoints:
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
        members = {"reason": "comment"} if takes is not default else {}
        members |= {"effects_hash": "", "definitions": ""} if needs_match else {}
        view = _build_view("post", describe(_build_post(kind, out, verb, takes)), members)
        last = kind.end_word if word == "end" else word
        urls.append(path(f"{listing}/{last}", view, name=f"{name}-{last}"))
    return urls


def _build_list_view(
    kind: DecidedKind[Any], out: Any, list_api: ListApi, summaries: Mapping[str, str]
) -> Any:
    lists, creates = f"list_{kind.listing.replace('-', '_')}", f"create_{kind.name}"

    @documented(
        lists,
        summaries[lists],
        listed(out),
        parameters=(*LIST, list_api.filters),
        errors=(),
        description=list_api.described,
    )
    def get(_view: APIView, request: Request) -> Any:
        rows = kind.list_visible(get_signed_in_person(request))
        return answer_list(request, list_api.filters.apply(rows, request.query_params), out)

    @documented(
        creates,
        summaries[creates],
        out,
        takes=list_api.takes,
        status=HTTPStatus.ACCEPTED,
        description=list_api.create_described,
    )
    def post(_view: APIView, request: Request) -> Response:
        said = read_body(list_api.takes, request)
        made = list_api.request(get_signed_in_person(request), said, get_request_time(request))
        return answer_proposal(kind, out, request, made.pk, HTTPStatus.ACCEPTED)

    view: Any = type("DecisionsView", (APIView,), {"get": get, "post": post, "members": list_api.members})
    return view.as_view()


def _build_view(method: str, endpoint: Any, members: Mapping[str, str] = NO_TEXTS) -> Any:
    """`members` are those of the body, by argument names of the verb."""
    view: Any = type("DecisionView", (APIView,), {method: endpoint, "members": members})
    return view.as_view()


def _build_get(kind: DecidedKind[Any], out: Any) -> Any:
    def get(_view: APIView, request: Request, pk: int) -> Response:
        return answer_proposal(kind, out, request, pk)

    return get


def _build_post(kind: DecidedKind[Any], out: Any, verb: Verb, takes: Any) -> Any:
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
