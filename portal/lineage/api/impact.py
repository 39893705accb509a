"""What loses data if a column or table goes."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.tables import get_table
from portal.api.fields import TextOut
from portal.api.openapi import documented
from portal.api.references import ReferenceOut, refer_to
from portal.lineage.impact_view import AffectedRow, build_impact_view
from portal.pages.signed_in_person import get_signed_in_person


class AffectedOut(serializers.Serializer[Any]):
    """`columns` are made from what goes; `loses_all_rows`: a filter or join needs it. `grant_count` counts all live grants, and is
    null unless you answer for the table; `grants` are those that you may see.
    """

    node = serializers.CharField(source="affected.node.reference")
    name = serializers.CharField(source="affected.node.name")
    table = serializers.SerializerMethodField()
    distance = serializers.IntegerField(source="affected.node.distance")
    columns = serializers.ListField(child=serializers.CharField(), source="affected.columns")
    loses_all_rows = serializers.BooleanField(source="affected.loses_all_rows")
    data_products = serializers.SerializerMethodField()
    grants = serializers.SerializerMethodField()
    grant_count = serializers.IntegerField(allow_null=True)

    @extend_schema_field(ReferenceOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_table(self, row: AffectedRow) -> Any:
        return refer_to(row.table, self.context["request"]) if row.table else None

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_data_products(self, row: AffectedRow) -> list[Any]:
        return [refer_to(product, self.context["request"]) for product in row.products]

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_grants(self, row: AffectedRow) -> list[Any]:
        return [refer_to(grant, self.context["request"]) for grant in row.grants]


class ImpactOut(serializers.Serializer[Any]):
    """`possible`: no event says which of their columns they are made from. `hidden_count`: tables directly below that you may not
    see, if you answer for this table; else null.
    """

    column = TextOut()
    own = AffectedOut()
    affected = AffectedOut(many=True)
    possible = AffectedOut(many=True)
    hidden_count = serializers.IntegerField(allow_null=True)
    is_cut = serializers.BooleanField()


class ImpactView(APIView):
    @documented(
        "get_table_impact",
        "Get what loses data if a column goes",
        ImpactOut,
        parameters=(OpenApiParameter("column", str, description="The whole table if you send none."),),
        description="Tables, data products and grants downstream, as far as you may see them.",
    )
    def get(self, request: Request, pk: int) -> Response:
        person = get_signed_in_person(request)
        table, column = get_table(person, pk), request.query_params.get("column", "")
        if column and not table.columns.filter(name=column).exists():
            raise ValidationError({"column": _("The table has no such column.")})
        view = build_impact_view(person, table, column)
        impact = {
            "column": view.impact.column,
            "own": view.own,
            "affected": view.certain,
            "possible": view.possible,
            "hidden_count": view.hidden_count,
            "is_cut": view.impact.is_cut,
        }
        return Response(ImpactOut(impact, context={"request": request}).data)
