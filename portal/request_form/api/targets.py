"""What one may request beside tables: databases, and what carries LF-Tags."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.mirror.models import Database
from catalog.products.may import visible_tables
from portal.api.endpoints import Endpoints
from portal.api.fields import TextOut
from portal.api.filters import ListFilters, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.lf_tags_views import get_catalog
from requests_app.targets.databases import build_database_target, get_database
from requests_app.targets.lf_tags import build_tags_target, parse_tag_expression


class DatabaseFilters(ListFilters):
    catalog = by_text("catalog__short_name", "The catalog.")
    name = by_text("name", "The exact name.")
    domain = by_text("domain__slug", "The domain that answers for it.")


TAG = OpenApiParameter(
    "tag",
    str,
    many=True,
    required=True,
    description="An LF-Tag as `key:value`. A member carries one of the values of each key.",
)


class DatabaseOut(Resource):
    """A database of a catalog."""

    route = "api-database"
    has_page = False
    name = serializers.CharField()
    description = TextOut()
    catalog = Reference()
    domain = OptionalReference()


class MemberOut(serializers.Serializer[Any]):
    """A table with the columns that access would include, and those that LF-Tags exclude."""

    table = Reference()
    database = Reference(source="table.database")
    columns = serializers.ListField(child=serializers.CharField(), source="open_columns")
    closed_columns = serializers.ListField(child=serializers.CharField())


class MembersOut(serializers.Serializer[Any]):
    """Current tables that you may see. Send `members_hash` with the request to request exactly these. `refusal` says why the
    target cannot be requested as a whole; the current tables of a database can still be requested.
    """

    members_hash = serializers.CharField()
    refusal = TextOut()
    results = MemberOut(many=True, source="tables")


class DatabasesView(APIView):
    @documented(
        "list_databases",
        "List databases",
        listed(DatabaseOut),
        parameters=(*LIST, DatabaseFilters),
        errors=(),
    )
    def get(self, request: Request) -> Any:
        seen = visible_tables(get_signed_in_person(request)).filter(tombstoned_at=None).values("database")
        rows: QuerySet[Database] = Database.objects.filter(tombstoned_at=None, pk__in=seen)
        rows = DatabaseFilters.apply(rows.select_related("catalog", "domain"), request.query_params)
        return answer_list(request, rows, DatabaseOut, order=("pk",))


class DatabaseView(APIView):
    get = Endpoints(DatabaseOut, get_database).read("get_database", "Get a database")


class DatabaseMembersView(APIView):
    @documented("list_database_members", "List tables of a database", MembersOut)
    def get(self, request: Request, pk: int) -> Response:
        person = get_signed_in_person(request)
        database_target = build_database_target(get_database(person, pk), person)
        return Response(MembersOut(database_target, context={"request": request}).data)


class TagMatchesView(APIView):
    members: ClassVar = {"tags": "tag"}

    @documented(
        "list_tag_matches", "List tables with LF-Tags", MembersOut, parameters=(TAG,), errors=(400, 404)
    )
    def get(self, request: Request, slug: str) -> Response:
        tags: dict[str, list[str]] = {}
        for pair in request.query_params.getlist("tag"):
            key, colon, value = pair.partition(":")
            if not colon:
                raise ValidationError({"tag": _("Write an LF-Tag as key:value.")})
            tags.setdefault(key, []).append(value)
        expression = parse_tag_expression(tags)
        tags_target = build_tags_target(get_catalog(slug), expression, get_signed_in_person(request))
        return Response(MembersOut(tags_target, context={"request": request}).data)
