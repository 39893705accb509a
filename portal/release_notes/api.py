"""Release notes of data products."""

from rest_framework import serializers
from rest_framework.views import APIView

from catalog.release_notes import (
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    get_release_note,
    list_release_notes,
    write_release_note,
)
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import ReferenceIn, TextOut, TimeOut
from portal.api.filters import ListFilters, by_text
from portal.api.references import Reference, Resource
from portal.api.serializers import StrictSerializer


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
    get = rows_endpoint(
        "list_release_notes",
        "List release notes",
        ReleaseNoteOut,
        list_release_notes,
        filters=ReleaseNoteFilters,
        errors=(),
        description="Those of data products that you see, newest first.",
    )

    post = RELEASE_NOTES.create(
        "write_release_note",
        "Write a release note",
        write_release_note,
        takes=ReleaseNoteIn,
        names={"data_product": "slug"},
        description="Everyone with active access to the data product and everyone who follows it is notified. It can't be changed later.",
    )


class ReleaseNoteView(APIView):
    get = RELEASE_NOTES.read("get_release_note", "Get a release note")
