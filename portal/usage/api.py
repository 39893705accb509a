"""Usage of a data product."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import get_product
from catalog.product_usage.costs import Cost
from catalog.product_usage.product_report import PERIOD_DAYS, JoinUse, get_usage_extent
from catalog.usage.models import get_trail_readings
from portal.api.fields import TextOut
from portal.api.openapi import documented
from portal.api.references import ReferenceOut, refer_to
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.usage.parameters import USUAL_DAYS, Period, parse_days
from portal.usage.presenters import UsagePanel, build_usage_panel
from portal.usage.views import list_product_tables

DAYS = OpenApiParameter(
    "days",
    int,
    enum=list(PERIOD_DAYS),
    description=f"Days that end today (UTC). {USUAL_DAYS} if you send none.",
)


class AmountOut(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="A decimal number.")
    currency = serializers.CharField()


class CostOut(serializers.Serializer[Any]):
    """`amounts` is null where no cost is known. `bytes_without_price` were billed in accounts without a price and are in no
    amount.
    """

    amounts = serializers.SerializerMethodField()
    queries = serializers.IntegerField()
    scanned_bytes = serializers.IntegerField()
    billed_bytes = serializers.IntegerField()
    bytes_without_price = serializers.IntegerField(source="unpriced_bytes")

    @extend_schema_field(AmountOut(many=True, allow_null=True))  # type: ignore[untyped-decorator]
    def get_amounts(self, cost: Cost) -> Any:
        if not cost.is_known:
            return None
        return [{"value": f"{amount.value:f}", "currency": amount.currency} for amount in cost.amounts]


class DayOut(serializers.Serializer[Any]):
    """`reads` is null where it is not known whether there were any."""

    day = serializers.DateField()
    reads = serializers.IntegerField(allow_null=True)


class TeamUsageOut(serializers.Serializer[Any]):
    """The usage of a team. For an account that is not connected, `name` is its number. `cost` is null where none is known."""

    name = serializers.CharField()
    reads = serializers.IntegerField()
    last_read_on = serializers.DateField(source="last")
    cost = CostOut(allow_null=True)


class ColumnUsageOut(serializers.Serializer[Any]):
    """`column` is `*` for queries of all columns."""

    table = serializers.CharField()
    column = serializers.CharField()
    queries = serializers.IntegerField()


class JoinUsageOut(serializers.Serializer[Any]):
    """`keys` are pairs of columns, of the product's table and of the other one."""

    table = serializers.CharField()
    other = serializers.SerializerMethodField()
    keys = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    queries = serializers.IntegerField()

    @extend_schema_field(ReferenceOut())  # type: ignore[untyped-decorator]
    def get_other(self, join: JoinUse) -> Any:
        return refer_to(join.other, self.context["request"])


class ProductUsageOut(serializers.Serializer[Any]):
    """`teams` are those that you may know of, `team_count` counts all. `cost` is of all teams for who answers for the
    product or reads the whole mesh, else of your own teams. The sources say since when the figures are known.
    """

    days = serializers.SerializerMethodField()
    reads = serializers.IntegerField(source="report.reads")
    team_count = serializers.IntegerField()
    teams = serializers.SerializerMethodField()
    columns = ColumnUsageOut(source="report.columns", many=True)
    joins = JoinUsageOut(many=True)
    cost = CostOut(source="report.cost")
    cost_is_of_all_teams = serializers.BooleanField(source="sees_all_costs")
    reads_complete_since = serializers.DateTimeField(source="coverage.since", allow_null=True)
    reads_complete_until = serializers.DateTimeField(source="coverage.until", allow_null=True)
    queries_known_since = serializers.DateField(source="report.queries_since", allow_null=True)
    reads_source = TextOut()
    queries_source = TextOut()
    unread_accounts_note = TextOut(source="unread_note")

    @extend_schema_field(DayOut(many=True))  # type: ignore[untyped-decorator]
    def get_days(self, usage: UsagePanel) -> Any:
        return DayOut(usage.list_days(), many=True).data

    @extend_schema_field(TeamUsageOut(many=True))  # type: ignore[untyped-decorator]
    def get_teams(self, usage: UsagePanel) -> Any:
        return TeamUsageOut([row.reads for row in usage.teams], many=True).data


class ProductUsageView(APIView):
    @documented(
        "get_data_product_usage",
        "Get the usage of a data product",
        ProductUsageOut,
        parameters=(DAYS,),
        description="Reads by CloudTrail; columns, joins and scans by Athena's query history.",
    )
    def get(self, request: Request, slug: str) -> Response:
        person = get_signed_in_person(request)
        product = get_product(person, slug)
        tables = list_product_tables(product)
        readings = get_trail_readings({table.database.catalog_id for table in tables})
        said = request.query_params.get("days")
        days = USUAL_DAYS if said is None else parse_days(said)
        if days is None:
            raise ValidationError({"days": _("Say %(days)s.") % {"days": ", ".join(map(str, PERIOD_DAYS))}})
        period = Period(days, get_request_time(request).date())
        usage = build_usage_panel(person, tables, get_usage_extent(person, product), readings, period)
        return Response(ProductUsageOut(usage, context={"request": request}).data)
