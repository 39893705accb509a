"""Data products and tables."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import ProductPage, build_product_page
from catalog.browse.tables import TablePage, build_table_page, list_all_columns
from catalog.browse.tables import TableView as MirroredTable
from catalog.freshness import build_product_freshness, build_table_state, find_table_freshness
from catalog.mirror.models import Classification, Column
from catalog.products.fields import BY_NAME, VALUE_FIELDS, FieldKind, ProductField
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, ProductLifecycle, SharingTerms
from catalog.promises import find_open_breaches
from catalog.revisions.versions import get_current_version
from catalog.search.items import SimilarProduct, find_similar_products
from kernel import clock
from portal.api.endpoints import rows_endpoint
from portal.api.fields import EnumOut, PercentOut, TextOut, TimeOut
from portal.api.filters import ListFilters, by_choice, by_id, by_text
from portal.api.openapi import documented
from portal.api.references import OptionalReference, Reference, ReferenceOut, Resource, RowOut, refer_to
from portal.freshness.api import FreshnessOut, build_product_fields, build_table_fields
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_lifecycle.presenters import build_banners
from portal.products.details import ProductDetails, build_product_details
from portal.promises.api import BrokenPromiseOut


class DataProductFilters(ListFilters):
    domain = by_text("domain__slug", "The domain that publishes it.")
    tier = by_choice("tier", DataProduct.Tier.values, "Its tier.")
    lifecycle = by_choice("lifecycle", ProductLifecycle.values, "Where it is in its life cycle.")
    owner = by_id("owner", "The person who owns it.")
    table = by_id("tables", "A table that belongs to it.")


SORTS = {"id": "pk", "name": "name", "tier": "tier"}


class DataProductOut(Resource):
    """A data product: what a domain publishes."""

    route = "api-data-product"
    key = "slug"
    name = serializers.CharField()
    summary = serializers.CharField()
    domain = Reference()
    owner = Reference()
    tier = EnumOut(DataProduct.Tier.values)
    lifecycle = EnumOut(ProductLifecycle.values)
    keywords = serializers.ListField(child=serializers.CharField())


class ColumnOut(RowOut):
    """A column; `classification` is null while nobody has classified it."""

    class Meta:
        model = Column
        fields = ("name", "type", "comment", "classification", "is_partition_key")

    classification = EnumOut(Classification.values, allow_null=True)


class TableOut(Resource):
    """A table as mirrored. `is_gone`: Glue no longer has it. `has_access`: a role of your teams can read it."""

    route = "api-table"
    name = serializers.CharField()
    database = Reference(source="row.database")
    catalog = Reference(source="row.database.catalog")
    description = TextOut(source="row.description")
    data_format = TextOut(source="row.data_format")
    classification = EnumOut(Classification.values, source="row.classification", allow_null=True)
    mirrored_at = TimeOut(source="row.mirrored_at")
    is_gone = serializers.BooleanField()
    has_access = serializers.BooleanField()
    columns = serializers.SerializerMethodField()

    @extend_schema_field(ColumnOut(many=True))  # type: ignore[untyped-decorator]
    def get_columns(self, row: MirroredTable) -> Any:
        return ColumnOut(self.context["columns"][row.pk], many=True).data


class DataProductLinksOut(serializers.Serializer[Any]):
    """Web addresses of what a data product is made and used with."""

    code = serializers.ListField(child=serializers.URLField(), default=[])
    pipeline = serializers.ListField(child=serializers.URLField(), default=[])
    dashboard = serializers.ListField(child=serializers.URLField(), default=[])
    documentation = serializers.ListField(child=serializers.URLField(), default=[])


def build_member(field: ProductField, **options: Any) -> Any:
    """What an answer has of a field that is a column of the product."""
    match field.kind:
        case FieldKind.HOURS:
            return serializers.IntegerField(allow_null=True, **options)
        case FieldKind.PERCENT:
            return PercentOut(**options)
        case FieldKind.SHARING_TERMS:
            return EnumOut(SharingTerms.values, **options)
        case FieldKind.KEYWORDS:
            return serializers.ListField(child=serializers.CharField(), **options)
        case FieldKind.LINKS:
            return DataProductLinksOut(**options)
        case _:
            return serializers.CharField(**options) if field.required else TextOut(**options)


def insert_members(own: Mapping[str, Any], members: Mapping[str, Any], *, before: str) -> dict[str, Any]:
    """Returns a serializer's members, with these before one of its own."""
    at = list(own).index(before)
    found = list(own.items())
    return dict([*found[:at], *members.items(), *found[at:]])


class SimilarProductOut(serializers.Serializer[Any]):
    """A data product with the same rare words or glossary terms, the rarest first."""

    data_product = serializers.SerializerMethodField()
    shared_words = serializers.ListField(child=serializers.CharField(), source="words")
    shared_terms = serializers.ListField(child=serializers.CharField(), source="terms")

    @extend_schema_field(ReferenceOut())  # type: ignore[untyped-decorator]
    def get_data_product(self, one: SimilarProduct) -> dict[str, Any] | None:
        return refer_to(DataProduct(pk=one.pk, slug=one.slug, name=one.name), self.context["request"])


class DataProductDetailOut(DataProductOut):
    """A data product with its tables. `principal_count` is how many roles and users can read some of it. A service level that is
    null is not promised. `inputs` are the data products it is made from, and `outputs` those made from it, of those that you see.
    """

    description = build_member(BY_NAME["description"], help_text=BY_NAME["description"].help)
    version = serializers.SerializerMethodField(help_text="of its contract; null before it is published")
    successor = serializers.SerializerMethodField(help_text="what to request instead of a deprecated product")
    inputs = serializers.SerializerMethodField()
    outputs = serializers.SerializerMethodField()
    similar = serializers.SerializerMethodField(help_text="of those that you see, the most similar first")
    team = Reference(source="domain.owner_team")
    freshness = serializers.SerializerMethodField()
    broken_promises = serializers.SerializerMethodField(help_text="promises that are not kept now")
    classification_counts = serializers.SerializerMethodField(help_text="columns by classification")
    principal_count = serializers.SerializerMethodField()
    has_access = serializers.SerializerMethodField()
    tables = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        own = super().get_fields()
        members = {
            one.name: build_member(one, **({"help_text": one.help} if one.help else {}))
            for one in VALUE_FIELDS
            if one.name not in own
        }
        return insert_members(own, members, before="inputs")

    @property
    def page(self) -> ProductPage:
        found: ProductPage = self.context["page"]
        return found

    def get_version(self, row: DataProduct) -> str | None:
        return get_current_version(row) or None

    @extend_schema_field(ReferenceOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_successor(self, row: DataProduct) -> Any:
        request = self.context["request"]
        banner = build_banners([row], get_signed_in_person(request)).get(row.pk)
        return refer_to(banner.successor, request) if banner and banner.successor else None

    @cached_property
    def details(self) -> ProductDetails:
        return build_product_details(get_signed_in_person(self.context["request"]), self.page.row)

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_inputs(self, _row: DataProduct) -> list[dict[str, Any]]:
        return [refer_to(product, self.context["request"]) for product in self.details.inputs]

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_outputs(self, _row: DataProduct) -> list[dict[str, Any]]:
        return [refer_to(product, self.context["request"]) for product in self.details.outputs]

    @extend_schema_field(SimilarProductOut(many=True))  # type: ignore[untyped-decorator]
    def get_similar(self, row: DataProduct) -> Any:
        similar = find_similar_products(get_signed_in_person(self.context["request"]), row.pk)
        return SimilarProductOut(similar, many=True, context=self.context).data

    @extend_schema_field(FreshnessOut())  # type: ignore[untyped-decorator]
    def get_freshness(self, row: DataProduct) -> Any:
        tables = [table.row for table in self.page.tables]
        product_freshness = build_product_freshness(row, tables, clock.now())
        return FreshnessOut(build_product_fields(product_freshness)).data

    @extend_schema_field(BrokenPromiseOut(many=True))  # type: ignore[untyped-decorator]
    def get_broken_promises(self, row: DataProduct) -> Any:
        breaches: Any = find_open_breaches([row]).get(row.pk, [])
        return BrokenPromiseOut(breaches, many=True).data

    def get_classification_counts(self, _row: DataProduct) -> dict[str, int]:
        return self.page.classification_counts

    def get_principal_count(self, _row: DataProduct) -> int:
        return self.page.holders.principals

    def get_has_access(self, _row: DataProduct) -> bool:
        return self.page.has_access

    @extend_schema_field(TableOut(many=True))  # type: ignore[untyped-decorator]
    def get_tables(self, _row: DataProduct) -> Any:
        return TableOut(self.page.tables, many=True, context=self.context).data


class ColumnStatisticsOut(serializers.Serializer[Any]):
    """What Glue counts of a column; null where it says nothing. No values of the data."""

    name = serializers.CharField()
    distinct_count = serializers.IntegerField(source="distinct", allow_null=True)
    null_count = serializers.IntegerField(source="nulls", allow_null=True)
    max_length = serializers.IntegerField(source="longest", allow_null=True)
    analysed_at = serializers.SerializerMethodField()

    @extend_schema_field(TimeOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_analysed_at(self, row: Any) -> str | None:
        moment = parse_datetime(row.analysed_at) if row.analysed_at else None
        return TimeOut().to_representation(moment) if moment else None


class TableDetailOut(TableOut):
    """A table with its data products and column statistics."""

    domain = OptionalReference(source="row.database.domain")
    principal_count = serializers.SerializerMethodField()
    freshness = serializers.SerializerMethodField(help_text="by itself; promises are of data products")
    data_products = serializers.SerializerMethodField()
    column_statistics = serializers.SerializerMethodField()

    @property
    def page(self) -> TablePage:
        found: TablePage = self.context["page"]
        return found

    def get_principal_count(self, _row: MirroredTable) -> int:
        return self.page.holders.principals

    @extend_schema_field(FreshnessOut())  # type: ignore[untyped-decorator]
    def get_freshness(self, row: MirroredTable) -> Any:
        found = find_table_freshness([row.pk]).get(row.pk)
        table_state = build_table_state(row.row, found, None, clock.now())
        return FreshnessOut(build_table_fields(table_state, table_state.state, None)).data

    @extend_schema_field(DataProductOut(many=True))  # type: ignore[untyped-decorator]
    def get_data_products(self, _row: MirroredTable) -> Any:
        return DataProductOut(self.page.products, many=True, context=self.context).data

    @extend_schema_field(ColumnStatisticsOut(many=True))  # type: ignore[untyped-decorator]
    def get_column_statistics(self, _row: MirroredTable) -> Any:
        return ColumnStatisticsOut(self.page.figures, many=True).data


class DataProductsView(APIView):
    get = rows_endpoint(
        "list_data_products",
        "List data products",
        DataProductOut,
        lambda person: visible_products(person).select_related("domain", "owner"),
        filters=DataProductFilters,
        sorts=SORTS,
        errors=(),
    )


class DataProductView(APIView):
    @documented("get_data_product", "Get a data product", DataProductDetailOut)
    def get(self, request: Request, slug: str) -> Response:
        page = build_product_page(get_signed_in_person(request), slug)
        columns = list_all_columns([table.pk for table in page.tables])
        context = {"request": request, "page": page, "columns": columns}
        return Response(DataProductDetailOut(page.row, context=context).data)


class TableView(APIView):
    @documented("get_table", "Get a table", TableDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        page = build_table_page(get_signed_in_person(request), pk)
        context = {"request": request, "page": page, "columns": list_all_columns([pk])}
        return Response(TableDetailOut(page.table, context=context).data)
