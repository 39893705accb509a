"""LF-Tag keys with their values and uses."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.tag_changes.tag_keys import (
    TagKeyDetails,
    build_tag_key_details,
    get_tag_key,
    visible_tag_keys,
)
from portal.api.fields import TextOut
from portal.api.filters import ListFilters, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import Reference, Resource
from portal.pages.signed_in_person import get_signed_in_person


class TagFilters(ListFilters):
    key = by_text("key", "Its key, in lower case.")
    catalog = by_text("catalog__short_name")


class TagUseOut(serializers.Serializer[Any]):
    """How many carry it, inherited values among them, as far as you see them."""

    databases = serializers.IntegerField()
    tables = serializers.IntegerField()
    columns = serializers.IntegerField()


class TagValueOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    meaning = TextOut()
    use = TagUseOut()


class TagOut(Resource):
    """An LF-Tag key as AWS has it. `meaning` is what an approved change says of it."""

    route = "api-tag"
    key = "row.pk"
    name = serializers.CharField(source="row.key")
    catalog = Reference(source="row.catalog")
    meaning = TextOut()
    values = TagValueOut(many=True)
    use = TagUseOut()


class TagsView(APIView):
    @documented(
        "list_tags",
        "List LF-Tag keys",
        listed(TagOut),
        parameters=(*LIST, TagFilters),
        errors=(),
        description="For stewards, producers, governance admins and auditors. By key.",
    )
    def get(self, request: Request) -> Any:
        person = get_signed_in_person(request)
        rows = TagFilters.apply(visible_tag_keys(person), request.query_params)

        def wrap(found: list[Any]) -> list[TagKeyDetails]:
            return build_tag_key_details(person, found)

        return answer_list(request, rows, TagOut, order=("key", "pk"), wrap=wrap)


class TagView(APIView):
    @documented("get_tag", "Get an LF-Tag key", TagOut)
    def get(self, request: Request, pk: int) -> Response:
        person = get_signed_in_person(request)
        found = build_tag_key_details(person, [get_tag_key(person, pk)])[0]
        return Response(TagOut(found, context={"request": request}).data)
