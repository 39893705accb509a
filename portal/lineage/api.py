"""Reading of lineage, jobs, runs and impact; matching of datasets by hand."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.browse.tables import get_table
from catalog.lineage.actions import match_dataset
from catalog.lineage.graph import (
    MAX_DEPTH,
    USUAL_DEPTH,
    Direction,
    Lineage,
    Node,
    find_visible_nodes,
    format_node,
    read_lineage,
)
from catalog.lineage.may import sees_failures
from catalog.lineage.models import LineageDataset, LineageJob, LineageRun
from catalog.lineage.queries import (
    get_job,
    get_matchable_dataset,
    list_jobs,
    list_runs,
    list_unmatched_datasets,
)
from catalog.lineage.states import JobKind, MatchKind, RunState
from identity.errors import NotFoundError
from identity.people.models import Person
from portal.api.authentication import ServiceTokenAuthentication, SessionAuthentication
from portal.api.fields import EnumOut, IdIn, TextOut, TimeOut
from portal.api.filters import by_choice, by_text, filtered
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, ReferenceOut, Resource, absolute, refer_to
from portal.api.serializers import StrictSerializer, read_body
from portal.lineage.impact_view import AffectedRow, build_impact_view
from portal.lineage.impact_view import ImpactView as BuiltImpact
from portal.lineage.intake_api import EventIn, IntakeOut, IntakeView, take_event
from portal.pages.signed_in_person import get_signed_in_person

MAX_ID_DIGITS = 18
NODE = OpenApiParameter("node", str, required=True, description="`table:<id>` or `dataset:<id>`.")
DIRECTION = OpenApiParameter(
    "direction", str, enum=[one.value for one in Direction], description="`both` if you send none."
)
DEPTH = OpenApiParameter(
    "depth", int, description=f"How many steps away, 1 to {MAX_DEPTH}. {USUAL_DEPTH} if you send none."
)
COLUMN = OpenApiParameter(
    "column", str, description="Follow this column instead of tables; `*` follows all columns."
)
JOB_FILTERS = (
    by_text("team", "team__slug", "The team."),
    by_choice("kind", "kind", JobKind.values, "Pipeline or view."),
    by_text("q", "name__icontains", "Part of its name."),
)
RUN_FILTERS = (by_choice("state", "state", RunState.values, "Its state."),)


class LineageNodeOut(serializers.Serializer[Any]):
    """`distance`: steps from the root, negative upstream. A dataset without a table has `namespace` and no `table`."""

    id = serializers.CharField(source="reference")
    distance = serializers.IntegerField()
    name = serializers.CharField()
    namespace = serializers.SerializerMethodField()
    table = serializers.SerializerMethodField()

    @extend_schema_field(TextOut())  # type: ignore[untyped-decorator]
    def get_namespace(self, node: Node) -> str | None:
        return node.dataset.namespace if node.dataset else None

    @extend_schema_field(ReferenceOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_table(self, node: Node) -> Any:
        return refer_to(node.table, self.context["request"]) if node.table else None


class LineageEdgeOut(serializers.Serializer[Any]):
    """`job` is null where you may not see it."""

    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    job = ReferenceOut(allow_null=True)


class ColumnEdgeOut(serializers.Serializer[Any]):
    """An empty `target_column`: the source decides on all rows, as in a filter or a join."""

    source = serializers.CharField()  # type: ignore[assignment]
    source_column = serializers.CharField()
    target = serializers.CharField()
    target_column = serializers.CharField(allow_blank=True)
    is_direct = serializers.BooleanField()
    transformation = TextOut()


class LineageOut(serializers.Serializer[Any]):
    """Without what you may not see, and what lies behind it. `is_cut`: more lies beyond the limits."""

    root = serializers.CharField()
    nodes = LineageNodeOut(many=True)
    edges = LineageEdgeOut(many=True)
    column_edges = ColumnEdgeOut(many=True)
    is_cut = serializers.BooleanField()


class LineageView(IntakeView):
    """Services post, people read."""

    def get_authenticators(self) -> list[Any]:
        is_intake = self.request is not None and self.request.method == "POST"
        return [ServiceTokenAuthentication()] if is_intake else [SessionAuthentication()]

    def get_permissions(self) -> Any:
        is_intake = self.request is not None and self.request.method == "POST"
        return super().get_permissions() if is_intake else [IsAuthenticated()]

    @documented(
        "get_lineage",
        "Get the lineage of a table, dataset or column",
        LineageOut,
        parameters=(NODE, DIRECTION, DEPTH, COLUMN),
        description="What it is made from, and what is made from it, as pipelines and views say.",
    )
    def get(self, request: Request) -> Response:
        person = get_signed_in_person(request)
        root = _read_node(person, request.query_params.get("node", ""))
        direction = _read_direction(request.query_params.get("direction", Direction.BOTH))
        column = request.query_params.get("column")
        found = read_lineage(person, root, direction, _read_depth(request), _read_column(column))
        return Response(_build_lineage(found, request))

    @documented(
        "create_lineage_event",
        "Send a lineage event",
        IntakeOut,
        takes=EventIn,
        takes_key=False,
        errors=(),
        description="An OpenLineage event, with a service token of the scope `lineage:write`. Sending it again does no harm. The body"
        " may be compressed with gzip.",
    )
    def post(self, request: Request) -> Response:
        return take_event(request)


class JobOut(Resource):
    """A job of a team, or a view. `last_run_state` and `last_run_at` are null before its first run."""

    route = "api-job"
    kind = EnumOut(JobKind.values)
    namespace = serializers.CharField()
    name = serializers.CharField()
    type = TextOut()
    description = TextOut()
    team = OptionalReference()
    view = OptionalReference()
    owners = serializers.ListField(child=serializers.CharField())
    code_url = TextOut()
    first_seen_at = TimeOut(source="first_seen")
    last_seen_at = TimeOut(source="last_seen")
    last_run_state = EnumOut(RunState.values, source="last_state", allow_null=True)
    last_run_at = TimeOut(allow_null=True)


class JobsView(APIView):
    @documented(
        "list_jobs",
        "List jobs",
        listed(JobOut),
        parameters=(*LIST, *JOB_FILTERS),
        errors=(),
        description="Those of your teams, and those that write tables that you see.",
    )
    def get(self, request: Request) -> Any:
        rows = filtered(list_jobs(get_signed_in_person(request)), request, JOB_FILTERS)
        return answer_list(request, rows, JobOut)


class JobView(APIView):
    @documented("get_job", "Get a job", JobOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_job(get_signed_in_person(request), pk)
        return Response(JobOut(found, context={"request": request}).data)


class RunOut(serializers.Serializer[Any]):
    """`error` is for the job's team, for editors of what it writes, and for whoever reads the whole mesh; else null."""

    id = serializers.CharField(source="run_id")
    state = EnumOut(RunState.values)
    state_at = TimeOut()
    started_at = TimeOut(allow_null=True)
    nominal_at = TimeOut(allow_null=True)
    duration_seconds = serializers.FloatField(source="duration", allow_null=True)
    error = serializers.SerializerMethodField()

    @extend_schema_field(TextOut())  # type: ignore[untyped-decorator]
    def get_error(self, run: LineageRun) -> str | None:
        return run.error or None if self.context["shows_errors"] else None


class RunsView(APIView):
    @documented(
        "list_job_runs",
        "List runs of a job",
        listed(RunOut),
        parameters=(*LIST, *RUN_FILTERS),
        description="Newest first.",
    )
    def get(self, request: Request, pk: int) -> Any:
        person = get_signed_in_person(request)
        job = get_job(person, pk)
        shown = sees_failures(person, job)
        rows = filtered(list_runs(job), request, RUN_FILTERS)
        order = ("-last_event_at", "-pk")
        return answer_list(request, rows, RunOut, order=order, context=lambda _rows: {"shows_errors": shown})


class UnmatchedDatasetOut(Resource):
    """A dataset as pipelines name it. `table` is null while it is matched to none; `match` says how it was matched."""

    route = "api-unmatched-dataset"
    has_page = False
    namespace = serializers.CharField()
    name = serializers.CharField()
    match = EnumOut(MatchKind.values)
    table = OptionalReference()
    team = OptionalReference()
    matched_by = OptionalReference()
    first_seen_at = TimeOut(source="first_seen")
    last_seen_at = TimeOut(source="last_seen")


class MatchIn(StrictSerializer):
    """`table` is a live table, or null: the dataset is none of the catalog's tables."""

    table = IdIn(allow_null=True)


class UnmatchedDatasetsView(APIView):
    @documented(
        "list_unmatched_datasets",
        "List datasets without a table",
        listed(UnmatchedDatasetOut),
        parameters=LIST,
        errors=(),
        description="Those that your teams reported; all for stewards, governance admins and auditors.",
    )
    def get(self, request: Request) -> Any:
        return answer_list(
            request, list_unmatched_datasets(get_signed_in_person(request)), UnmatchedDatasetOut
        )


class UnmatchedDatasetView(APIView):
    @documented("get_unmatched_dataset", "Get a dataset", UnmatchedDatasetOut)
    def get(self, request: Request, pk: int) -> Response:
        return _answer_dataset(request, pk)


class MatchView(APIView):
    @documented(
        "match_dataset",
        "Match a dataset to a table",
        UnmatchedDatasetOut,
        takes=MatchIn,
        description="For stewards and governance admins, and for data owners and developers of the team that reported it. What you"
        " choose stays, whatever events say.",
    )
    def post(self, request: Request, pk: int) -> Response:
        said = read_body(MatchIn, request)
        person = get_signed_in_person(request)
        match_dataset(acting_user=person, dataset_id=pk, table_id=said["table"], now=clock.now())
        return _answer_dataset(request, pk)


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
        return [refer_to(one, self.context["request"]) for one in row.products]

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_grants(self, row: AffectedRow) -> list[Any]:
        return [refer_to(one, self.context["request"]) for one in row.grants]


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
        return Response(
            ImpactOut(
                _build_impact(build_impact_view(person, table, column)), context={"request": request}
            ).data
        )


def _build_impact(view: BuiltImpact) -> dict[str, Any]:
    return {
        "column": view.impact.column,
        "own": view.own,
        "affected": view.certain,
        "possible": view.possible,
        "hidden_count": view.hidden_count,
        "is_cut": view.impact.is_cut,
    }


def _answer_dataset(request: Request, pk: int) -> Response:
    found = get_matchable_dataset(get_signed_in_person(request), pk)
    return Response(UnmatchedDatasetOut(found, context={"request": request}).data)


def _read_node(person: Person, text: str) -> Node:
    """ValidationError for what is no node; NotFoundError for one that the person may not see."""
    kind, _colon, digits = text.partition(":")
    if kind not in {"table", "dataset"} or not digits.isdecimal() or len(digits) > MAX_ID_DIGITS:
        raise ValidationError({"node": _("Say table:<id> or dataset:<id>.")})
    number = -int(digits) if kind == "table" else _find_number(int(digits))
    found = find_visible_nodes(person, [number]).get(number)
    if found is None:
        raise NotFoundError
    return found


def _find_number(pk: int) -> int:
    """A matched dataset is the node of its table."""
    rows = LineageDataset.objects.filter(pk=pk).values_list("node", flat=True)
    return next(iter(rows), pk)


def _read_direction(text: str) -> Direction:
    if text not in set(Direction):
        raise ValidationError({"direction": _("Say upstream, downstream or both.")})
    return Direction(text)


def _read_depth(request: Request) -> int:
    field = serializers.IntegerField(min_value=1, max_value=MAX_DEPTH)
    try:
        return int(field.run_validation(request.query_params.get("depth", USUAL_DEPTH)))
    except ValidationError as error:
        raise ValidationError({"depth": error.detail}) from error


def _read_column(text: str | None) -> str | None:
    return None if text is None else "" if text == "*" else text.lower()


def _build_lineage(found: Lineage, request: Request) -> dict[str, Any]:
    nodes = sorted(found.nodes.values(), key=lambda one: (one.distance, one.name, one.number))
    return {
        "root": found.root.reference,
        "nodes": LineageNodeOut(nodes, many=True, context={"request": request}).data,
        "edges": [
            {
                "source": format_node(edge.source),
                "target": format_node(edge.target),
                "job": _refer_to_job(found.jobs.get(edge.job_id), request),
            }
            for edge in found.edges
        ],
        "column_edges": [
            {
                "source": format_node(step.source.node),
                "source_column": step.source.column,
                "target": format_node(step.target.node),
                "target_column": step.target.column,
                "is_direct": step.is_direct,
                "transformation": step.detail or None,
            }
            for step in found.columns
        ],
        "is_cut": found.is_cut,
    }


def _refer_to_job(job: LineageJob | None, request: Request) -> dict[str, Any] | None:
    if job is None:
        return None
    return {"id": str(job.pk), "name": job.name, "url": absolute(request, "api-job", job.pk)}
