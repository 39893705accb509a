"""Terms of the glossary: read, create, edit, link, and their history."""

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.glossary.actions import approve_term, create_term, replace_term, restore_term, update_term
from catalog.glossary.content import MAX_REASON_LENGTH, compute_term_digest, read_content
from catalog.glossary.link_actions import LinkTarget, link_term, unlink_term
from catalog.glossary.models import Term
from catalog.glossary.queries import get_term, list_linked_data, list_term_revisions, list_terms
from catalog.glossary.states import TermState
from portal.api.etags import ETAG, IF_MATCH, check_match, quote_etag
from portal.api.fields import IdIn, IdOut, ReferenceIn, TextOut, TimeOut
from portal.api.filters import ListFilters, by_choice, by_text
from portal.api.openapi import LIST, documented, listed, sort_by
from portal.api.pagination import NEWEST, answer_list
from portal.api.references import OptionalReference, Reference
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.glossary.api.shapes import (
    GlossaryTermOut,
    NewTermIn,
    TermChangeIn,
    read_changed_content,
    read_new_content,
)
from portal.glossary.presenters import build_term_revisions
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class TermFilters(ListFilters):
    domain = by_text("domain__slug", "The domain that it belongs to.")
    name = by_text("name__iexact", "Its name, in upper or lower case. Several domains may have it.")
    owner_team = by_text("owner_team__slug", "The team that answers for it.")
    state = by_choice("state", TermState.values, "Its state.")


SORTS = {"id": "pk", "name": "name", "state": "state"}
STATE_MEMBERS = {"based_on": "", "shown": ""}
"""The version that was read comes as a header."""


class GlossaryTermIn(NewTermIn):
    """A new term, in a domain in which you edit terms. It is approved unless `state` is `draft`."""

    state = serializers.ChoiceField([TermState.DRAFT, TermState.APPROVED], required=False)
    note = serializers.CharField(max_length=MAX_REASON_LENGTH, required=False, allow_blank=True)


class SuccessorIn(StrictSerializer):
    """The approved term to use instead."""

    successor = ReferenceIn()
    note = serializers.CharField(max_length=MAX_REASON_LENGTH, required=False, allow_blank=True)


class GlossaryTermChangeOut(serializers.Serializer[Any]):
    """A member that differs, as text."""

    member = serializers.CharField(source="field")
    before = TextOut()
    after = TextOut()


class GlossaryTermRevisionOut(serializers.Serializer[Any]):
    """A change of a term. `proposed_by` is null where it was edited directly."""

    number = serializers.IntegerField(source="revision.number")
    changes = GlossaryTermChangeOut(many=True)
    note = TextOut(source="revision.note")
    proposed_by = OptionalReference(source="revision.proposal.proposed_by")
    made_by = Reference(source="revision.made_by")
    made_at = TimeOut(source="revision.made_at")


class GlossaryTermLinkOut(serializers.Serializer[Any]):
    """A data product or a table; `column` is null for the whole table."""

    id = IdOut()
    data_product = OptionalReference(source="product")
    table = OptionalReference()
    column = TextOut()


class GlossaryTermLinkIn(StrictSerializer):
    """Either a data product or a table, which you can see."""

    data_product = ReferenceIn(required=False)
    table = IdIn(required=False)
    column = serializers.CharField(max_length=255, required=False, allow_blank=True)


class TermsView(APIView):
    @documented(
        "list_glossary_terms",
        "List glossary terms",
        listed(GlossaryTermOut),
        parameters=(*LIST, TermFilters, sort_by(SORTS)),
        errors=(),
    )
    def get(self, request: Request) -> Any:
        rows = TermFilters.apply(list_terms(get_signed_in_person(request)), request.query_params)
        return answer_list(request, rows, GlossaryTermOut, order=("name", "pk"), sorts=SORTS)

    @documented(
        "create_glossary_term",
        "Create a glossary term",
        GlossaryTermOut,
        takes=GlossaryTermIn,
        status=201,
        errors=(),
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(GlossaryTermIn, request), get_signed_in_person(request)
        term = create_term(
            acting_user=person,
            content=read_new_content(said),
            note=said.get("note", ""),
            is_approved=said.get("state") != TermState.DRAFT,
            now=get_request_time(request),
        )
        return _answer(request, term.slug, status.HTTP_201_CREATED)


class TermView(APIView):
    members: ClassVar = STATE_MEMBERS

    @documented("get_glossary_term", "Get a glossary term", GlossaryTermOut, parameters=(ETAG,))
    def get(self, request: Request, slug: str) -> Response:
        return _answer(request, slug)

    @documented(
        "update_glossary_term",
        "Change a glossary term",
        GlossaryTermOut,
        takes=TermChangeIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH, ETAG),
    )
    def patch(self, request: Request, slug: str) -> Response:
        term = _check_read(request, slug)
        body = read_body(TermChangeIn, request)
        update_term(
            acting_user=get_signed_in_person(request),
            slug=slug,
            content=read_changed_content(body, read_content(term)),
            note=body.get("note", ""),
            based_on=compute_term_digest(term),
            now=get_request_time(request),
        )
        return _answer(request, slug)


class ApproveView(APIView):
    members: ClassVar = STATE_MEMBERS

    @documented(
        "approve_glossary_term",
        "Approve a draft of a glossary term",
        GlossaryTermOut,
        takes=EmptyIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH,),
    )
    def post(self, request: Request, slug: str) -> Response:
        return _change_state(request, slug, approve_term)


class RestoreView(APIView):
    members: ClassVar = STATE_MEMBERS

    @documented(
        "restore_glossary_term",
        "Restore a replaced glossary term",
        GlossaryTermOut,
        takes=EmptyIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH,),
    )
    def post(self, request: Request, slug: str) -> Response:
        return _change_state(request, slug, restore_term)


class ReplaceView(APIView):
    members: ClassVar = STATE_MEMBERS

    @documented(
        "replace_glossary_term",
        "Replace a glossary term by another",
        GlossaryTermOut,
        takes=SuccessorIn,
        errors=(404, 412, 428),
        parameters=(IF_MATCH,),
    )
    def post(self, request: Request, slug: str) -> Response:
        term = _check_read(request, slug)
        body = read_body(SuccessorIn, request)
        replace_term(
            acting_user=get_signed_in_person(request),
            slug=slug,
            successor=body["successor"],
            note=body.get("note", ""),
            shown=compute_term_digest(term),
            now=get_request_time(request),
        )
        return _answer(request, slug)


class RevisionsView(APIView):
    @documented(
        "list_glossary_term_revisions",
        "List the changes of a glossary term",
        listed(GlossaryTermRevisionOut),
        parameters=LIST,
    )
    def get(self, request: Request, slug: str) -> Any:
        rows = list_term_revisions(get_term(slug))
        return answer_list(request, rows, GlossaryTermRevisionOut, order=NEWEST, wrap=build_term_revisions)


class LinksView(APIView):
    members: ClassVar = {"product": "data_product"}

    @documented(
        "list_glossary_term_links",
        "List what a glossary term is linked with",
        listed(GlossaryTermLinkOut),
        parameters=LIST,
        description="Data products and tables that you can see.",
    )
    def get(self, request: Request, slug: str) -> Any:
        rows = list_linked_data(get_signed_in_person(request), get_term(slug))
        return answer_list(request, rows, GlossaryTermLinkOut, order=("pk",))

    @documented(
        "create_glossary_term_link",
        "Link a glossary term with data",
        GlossaryTermLinkOut,
        takes=GlossaryTermLinkIn,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        body = read_body(GlossaryTermLinkIn, request)
        target = LinkTarget(body.get("data_product", ""), body.get("table"), body.get("column", ""))
        person = get_signed_in_person(request)
        link = link_term(acting_user=person, slug=slug, target=target, now=get_request_time(request))
        return Response(GlossaryTermLinkOut(link, context={"request": request}).data, status.HTTP_201_CREATED)


class LinkView(APIView):
    @documented("delete_glossary_term_link", "Remove a link of a glossary term", {204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        unlink_term(
            acting_user=get_signed_in_person(request), slug=slug, link_id=pk, now=get_request_time(request)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


def _check_read(request: Request, slug: str) -> Term:
    """PreconditionError unless the caller read this version."""
    term = get_term(slug)
    check_match(request, quote_etag(compute_term_digest(term)))
    return term


def _change_state(request: Request, slug: str, action: Callable[..., Term]) -> Response:
    read_body(EmptyIn, request)
    shown = compute_term_digest(_check_read(request, slug))
    action(acting_user=get_signed_in_person(request), slug=slug, shown=shown, now=get_request_time(request))
    return _answer(request, slug)


def _answer(request: Request, slug: str, code: int = status.HTTP_200_OK) -> Response:
    term = get_term(slug)
    said = GlossaryTermOut(term, context={"request": request}).data
    return Response(said, code, headers={"ETag": quote_etag(compute_term_digest(term))})
