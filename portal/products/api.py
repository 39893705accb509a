"""Data products and tables over the API."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import product_page
from catalog.browse.tables import table_page
from catalog.products.may import visible_products
from portal.api.openapi import BEFORE, LIMIT, documented
from portal.api.pagination import newest_first, page_answer, page_of
from portal.pages.signed_in import person_of


class ProductOut(serializers.Serializer[Any]):
    """A data product in a list."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField()
    domain = serializers.CharField(source="domain.name")
    owner = serializers.CharField(source="owner.name")
    tier = serializers.CharField()
    keywords = serializers.ListField(child=serializers.CharField())


class ColumnOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    comment = serializers.CharField()
    classification = serializers.CharField(allow_blank=True)
    is_partition_key = serializers.BooleanField()


class TableOut(serializers.Serializer[Any]):
    """A table as mirrored; `is_gone` when Glue no longer has it."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    database = serializers.CharField(source="row.database.name")
    catalog = serializers.CharField(source="row.database.catalog.short_name")
    description = serializers.CharField(source="row.description")
    data_format = serializers.CharField(source="row.data_format")
    classification = serializers.CharField(source="row.classification", allow_blank=True)
    mirrored_at = serializers.DateTimeField(source="row.mirrored_at")
    is_gone = serializers.BooleanField()
    has_access = serializers.BooleanField()
    columns = ColumnOut(many=True)


class ProductDetailOut(serializers.Serializer[Any]):
    """A data product with its tables."""

    product = ProductOut(source="row")
    description = serializers.CharField(source="row.description")
    refresh = serializers.CharField(source="row.refresh")
    team = serializers.CharField(source="team.name")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="columns by classification")
    principals_with_access = serializers.IntegerField(source="holders.principals")
    has_access = serializers.BooleanField()
    tables = TableOut(many=True)


class FiguresOut(serializers.Serializer[Any]):
    """Statistics that Glue keeps of a column; null where it says nothing. No values of the data."""

    name = serializers.CharField()
    distinct = serializers.IntegerField(allow_null=True)
    nulls = serializers.IntegerField(allow_null=True)
    longest = serializers.IntegerField(allow_null=True, help_text="length of the longest value")
    analysed_at = serializers.CharField(help_text="ISO 8601, or empty")


class TableDetailOut(serializers.Serializer[Any]):
    """A table with its products and columns."""

    table = TableOut()
    domain = serializers.CharField(source="domain.name", allow_null=True, default=None)
    principals_with_access = serializers.IntegerField(source="holders.principals")
    products = ProductOut(many=True)
    figures = FiguresOut(many=True)


class ProductsView(APIView):
    @documented(
        "list_products", "Data products, newest first", page_of(ProductOut), parameters=(LIMIT, BEFORE)
    )
    def get(self, request: Request) -> Response:
        rows = visible_products(person_of(request)).select_related("domain", "owner")
        found, following = newest_first(rows, request)
        return page_answer(ProductOut(found, many=True).data, following)


class ProductView(APIView):
    @documented("show_product", "A data product with its tables", ProductDetailOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(ProductDetailOut(product_page(person_of(request), slug)).data)


class TableView(APIView):
    @documented("show_table", "A table with its columns", TableDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(TableDetailOut(table_page(person_of(request), pk, whole=True)).data)
