"""Preview an access request: what would become of each item, and what policies require. Nothing is written."""

from collections.abc import Iterator
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.products.offers.queries import get_version
from identity.people.models import Person
from portal.api.openapi import documented
from portal.api.serializers import read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.api.inputs import (
    REQUEST_MEMBERS,
    TABLE,
    RequestDraftIn,
    item_refusals,
    items_in,
    kind_of_request,
    many_tables_target_in,
    recipient_in,
)
from portal.request_form.api.required_information import RequiredInformationOut, required_information
from requests_app.grants.coverage import describe_coverage, find_covering_grants
from requests_app.policy_engine.rules import RequiredInformation
from requests_app.submission.preview import RequestDraft, preview_item, preview_target_request


class ItemPreviewOut(RequiredInformationOut):
    """`item` is the position in your `items`. A database has one preview for each current table, or a single one if it
    includes future tables. `is_approved_at_once`: nobody has to review it.
    """

    item = serializers.IntegerField()
    sentence = serializers.CharField()
    is_approved_at_once = serializers.BooleanField()
    is_refused = serializers.BooleanField()


class RequestPreviewOut(serializers.Serializer[Any]):
    items = ItemPreviewOut(many=True)


class PreviewView(APIView):
    members: ClassVar = REQUEST_MEMBERS

    @documented(
        "preview_access_request", "Preview an access request", RequestPreviewOut, takes=RequestDraftIn
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(RequestDraftIn, request), get_signed_in_person(request)
        kind = kind_of_request(said["items"])
        recipient = recipient_in(person, said["recipient"])
        details = recipient.build_details(said, said["expires_at"])
        draft = RequestDraft(person, details, get_request_time(request))
        found = _of_tables(draft, said["items"]) if kind == TABLE else _of_many(draft, said["items"][0])
        return Response(RequestPreviewOut({"items": list(found)}).data)


def _of_tables(draft: RequestDraft, items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    asks = items_in(draft.person, items)
    had = find_covering_grants(asks, principal=draft.principal, ends_at=draft.ends_at)
    for number, ask in enumerate(asks):
        with item_refusals(number):
            found = preview_item(draft, ask)
        covered = had.get(ask.table_id)
        sentence = describe_coverage(covered) if covered else found.outcome_text
        yield _item(
            draft.person,
            number,
            sentence,
            found.verdict.required_information,
            at_once=found.is_immediate,
            refused=bool(covered),
        )


def _of_many(draft: RequestDraft, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    person = draft.person
    offer = get_version(person, item["offer_version"]) if item["offer_version"] else None
    target = many_tables_target_in(person, item)
    for one in preview_target_request(draft, target, offer, item.get("use") or ""):
        yield _item(
            person, 0, one.text, one.required_information, at_once=one.is_immediate, refused=one.is_refused
        )


def _item(
    person: Person, number: int, sentence: str, required: RequiredInformation, *, at_once: bool, refused: bool
) -> dict[str, Any]:
    return {
        "item": number,
        "sentence": sentence,
        "is_approved_at_once": at_once,
        "is_refused": refused,
        **required_information(person, required),
    }
