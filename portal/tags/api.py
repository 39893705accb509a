"""LF-Tag keys with their values and uses."""

from typing import Any

from rest_framework import serializers
from rest_framework.views import APIView

from catalog.tag_changes.tag_keys import (
    build_tag_key_details,
    get_tag_key,
)
from portal.api.endpoints import Endpoints
from portal.api.fields import TextOut
from portal.api.references import Reference, Resource
from portal.lists.api import list_endpoint
from portal.tags.lists import TagList


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
    get = list_endpoint(
        "list_tags",
        "List LF-Tag keys",
        TagOut,
        TagList,
        description="For stewards, producers, governance admins and auditors. By key.",
        is_built=True,
    )


class TagView(APIView):
    get = Endpoints(
        TagOut, lambda person, pk: build_tag_key_details(person, [get_tag_key(person, pk)])[0]
    ).read("get_tag", "Get an LF-Tag key")
