"""Proposals for the glossary: made by anybody, decided by those who edit the term."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.glossary.content import MAX_REASON_LENGTH, compute_term_digest, read_content
from catalog.glossary.proposal_actions import (
    approve_term_proposal,
    propose_term,
    propose_term_change,
    reject_term_proposal,
    withdraw_term_proposal,
)
from catalog.glossary.proposals import ShownProposal, get_term_proposal, list_term_proposals
from catalog.glossary.queries import get_term
from catalog.glossary.states import ProposalState
from portal.api.etags import ETAG, IF_MATCH, check_match, quote_etag
from portal.api.fields import EnumOut, ReferenceIn, TextOut, TimeOut
from portal.api.filters import ListFilters, by_choice, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource, absolute
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.glossary.api.shapes import TermChangeIn, read_changed_content, read_new_content
from portal.glossary.api.terms import GlossaryTermChangeOut
from portal.glossary.presenters import ShownProposalChanges, build_proposal_changes
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class ProposalFilters(ListFilters):
    state = by_choice("state", ProposalState.values, "Its state.")
    term = by_text("term__slug", "The term that it is to change.")


class GlossaryTermProposalOut(Resource):
    """A new term, or a change to one: `term` is null for a new one until it is approved. `changes` are beside what the term says
    now; once it is decided, beside what it said when it was proposed. Send the `ETag` as `If-Match` when you decide.
    """

    route = "api-glossary-proposal"
    key = "row.pk"
    term = OptionalReference(source="row.term")
    name = serializers.CharField(source="row.content.name")
    state = EnumOut(ProposalState.values, source="row.state")
    changes = GlossaryTermChangeOut(many=True, read_only=True)
    reason = serializers.CharField(source="row.reason")
    proposed_by = Reference(source="row.proposed_by")
    proposed_at = TimeOut(source="row.proposed_at")
    decided_by = OptionalReference(source="row.decided_by")
    decided_at = TimeOut(source="row.decided_at", allow_null=True)
    comment = TextOut(source="row.comment")

    @extend_schema_field(serializers.URLField())  # type: ignore[untyped-decorator]
    def get_html_url(self, one: ShownProposalChanges) -> str | None:
        return absolute(self.context["request"], "glossary-proposal", one.row.pk)


class GlossaryTermProposalIn(TermChangeIn):
    """A change of `term`: send the members that change. Without `term` a new one, with `name` and `definition`."""

    term = ReferenceIn(required=False)
    note = None  # type: ignore[assignment]
    reason = serializers.CharField(max_length=MAX_REASON_LENGTH)


class ProposalDecisionIn(StrictSerializer):
    """The comment is for who proposed it; a rejection needs one."""

    comment = serializers.CharField(max_length=MAX_REASON_LENGTH, required=False, allow_blank=True)


class ProposalsView(APIView):
    members: ClassVar = {"based_on": ""}

    @documented(
        "list_glossary_term_proposals",
        "List proposals for the glossary",
        listed(GlossaryTermProposalOut),
        parameters=(*LIST, ProposalFilters),
        errors=(),
        description="Your own, and those of domains in which you edit terms. Newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = ProposalFilters.apply(list_term_proposals(get_signed_in_person(request)), request.query_params)
        return answer_list(request, rows, GlossaryTermProposalOut, wrap=build_proposal_changes)

    @documented(
        "create_glossary_term_proposal",
        "Propose a glossary term, or a change to one",
        GlossaryTermProposalOut,
        takes=GlossaryTermProposalIn,
        status=201,
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(GlossaryTermProposalIn, request), get_signed_in_person(request)
        if "term" in said:
            term = get_term(said["term"])
            made = propose_term_change(
                acting_user=person,
                slug=term.slug,
                content=read_changed_content(said, read_content(term)),
                reason=said["reason"],
                based_on=compute_term_digest(term),
                now=get_request_time(request),
            )
        else:
            content = read_new_content(said)
            made = propose_term(
                acting_user=person, content=content, reason=said["reason"], now=get_request_time(request)
            )
        return _answer(request, made.pk, status.HTTP_201_CREATED)


class ProposalView(APIView):
    @documented(
        "get_glossary_term_proposal",
        "Get a proposal for the glossary",
        GlossaryTermProposalOut,
        parameters=(ETAG,),
    )
    def get(self, request: Request, pk: int) -> Response:
        return _answer(request, pk)


class ApproveView(APIView):
    members: ClassVar = {"shown": ""}

    @documented(
        "approve_glossary_term_proposal",
        "Approve a proposal for the glossary",
        GlossaryTermProposalOut,
        takes=ProposalDecisionIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH,),
    )
    def post(self, request: Request, pk: int) -> Response:
        return _decide(request, pk, approve_term_proposal)


class RejectView(APIView):
    members: ClassVar = {"shown": ""}

    @documented(
        "reject_glossary_term_proposal",
        "Reject a proposal for the glossary",
        GlossaryTermProposalOut,
        takes=ProposalDecisionIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH,),
    )
    def post(self, request: Request, pk: int) -> Response:
        return _decide(request, pk, reject_term_proposal)


class WithdrawView(APIView):
    @documented(
        "withdraw_glossary_term_proposal",
        "Withdraw your proposal for the glossary",
        GlossaryTermProposalOut,
        takes=EmptyIn,
    )
    def post(self, request: Request, pk: int) -> Response:
        read_body(EmptyIn, request)
        withdraw_term_proposal(
            acting_user=get_signed_in_person(request), proposal_id=pk, now=get_request_time(request)
        )
        return _answer(request, pk)


def _decide(request: Request, pk: int, action: Any) -> Response:
    """On the version that the caller read."""
    person = get_signed_in_person(request)
    shown = ShownProposal(get_term_proposal(person, pk)).state_digest
    check_match(request, quote_etag(shown))
    body = read_body(ProposalDecisionIn, request)
    action(
        acting_user=person,
        proposal_id=pk,
        shown=shown,
        comment=body.get("comment", ""),
        now=get_request_time(request),
    )
    return _answer(request, pk)


def _answer(request: Request, pk: int, code: int = status.HTTP_200_OK) -> Response:
    term_proposal = get_term_proposal(get_signed_in_person(request), pk)
    [shown] = build_proposal_changes([term_proposal])
    said = GlossaryTermProposalOut(shown, context={"request": request}).data
    return Response(said, code, headers={"ETag": quote_etag(shown.shown.state_digest)})
