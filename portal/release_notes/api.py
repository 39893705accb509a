"""Release notes of data products."""

from typing import Any, ClassVar

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.release_notes import (
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    get_release_note,
    list_release_notes,
    write_release_note,
)
from portal.api.endpoints import Endpoints
from portal.api.fields import ReferenceIn, TextOut, TimeOut
from portal.api.filters import ListFilters, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import Reference, Resource
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class ReleaseNoteFilters(ListFilters):
    data_product = by_text("product__slug", "The data product.")


class ReleaseNoteOut(Resource):
    """`version` is that of the data product when the note was written."""

    route = "api-release-note"
    data_product = Reference(source="product")
    version = serializers.CharField()
    title = serializers.CharField()
    text = TextOut(help_text="Markdown")
    written_by = Reference()
    written_at = TimeOut()


class ReleaseNoteIn(StrictSerializer):
    data_product = ReferenceIn()
    title = serializers.CharField(max_length=MAX_TITLE_LENGTH)
    text = serializers.CharField(
        max_length=MAX_TEXT_LENGTH, required=False, allow_blank=True, default="", help_text="Markdown"
    )


RELEASE_NOTES = Endpoints(ReleaseNoteOut, get_release_note)


class ReleaseNotesView(APIView):
    members: ClassVar = {"slug": "data_product"}

    @documented(
        "list_release_notes",
        "List release notes",
        listed(ReleaseNoteOut),
        parameters=(*LIST, ReleaseNoteFilters),
        errors=(),
        description="Those of data products that you see, newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = ReleaseNoteFilters.apply(
            list_release_notes(get_signed_in_person(request)), request.query_params
        )
        return answer_list(request, rows, ReleaseNoteOut)

    @documented(
        "write_release_note",
        "Write a release note",
        ReleaseNoteOut,
        takes=ReleaseNoteIn,
        status=201,
        description="Everyone with active access to the data product and everyone who follows it is notified. It can't be changed later.",
    )
    def post(self, request: Request) -> Response:
        said = read_body(ReleaseNoteIn, request)
        slug, person = said.pop("data_product"), get_signed_in_person(request)
        made = write_release_note(acting_user=person, slug=slug, **said, now=get_request_time(request))
        return RELEASE_NOTES.answer(request, made.pk, status.HTTP_201_CREATED)


class ReleaseNoteView(APIView):
    get = RELEASE_NOTES.read("get_release_note", "Get a release note")
