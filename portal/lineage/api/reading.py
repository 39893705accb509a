"""Lineage of a table, dataset or column; a service posts its events to the same address."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.lineage.graph import (
    MAX_DEPTH,
    USUAL_DEPTH,
    Direction,
    Edge,
    Lineage,
    Node,
    find_dataset_node,
    find_visible_nodes,
    format_node,
    read_lineage,
)
from catalog.lineage.models import LineageJob
from catalog.lineage.queries import is_claim
from kernel.errors import NotFoundError
from portal.api.authentication import ServiceTokenAuthentication, SessionAuthentication
from portal.api.fields import TextOut
from portal.api.openapi import documented
from portal.api.references import ReferenceOut, absolute, refer_to
from portal.lineage.api.intake import EventIn, IntakeOut, IntakeView, take_event
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
    """`job` is null where you may not see it. `claimed_by` is its team where that is not the owner of the target: nobody else confirms
    the edge, and it changes nothing of the target.
    """

    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    job = ReferenceOut(allow_null=True)
    claimed_by = ReferenceOut(allow_null=True)


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

    root = serializers.CharField()  # type: ignore[assignment]
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
        kind, _colon, digits = request.query_params.get("node", "").partition(":")
        if kind not in {"table", "dataset"} or not digits.isdecimal() or len(digits) > MAX_ID_DIGITS:
            raise ValidationError({"node": _("Say table:<id> or dataset:<id>.")})
        number = -int(digits) if kind == "table" else find_dataset_node(person, int(digits))
        root = find_visible_nodes(person, [number]).get(number)
        if root is None:
            raise NotFoundError
        text = request.query_params.get("direction", Direction.BOTH)
        if text not in set(Direction):
            raise ValidationError({"direction": _("Say upstream, downstream or both.")})
        direction = Direction(text)
        column = request.query_params.get("column")
        lineage = read_lineage(
            person,
            root,
            direction,
            _read_depth(request),
            None if column is None else "" if column == "*" else column.lower(),
        )
        return Response(_build_lineage(lineage, request))

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


def _read_depth(request: Request) -> int:
    field = serializers.IntegerField(min_value=1, max_value=MAX_DEPTH)
    try:
        return int(field.run_validation(request.query_params.get("depth", USUAL_DEPTH)))
    except ValidationError as error:
        raise ValidationError({"depth": error.detail}) from error


def _build_lineage(found: Lineage, request: Request) -> dict[str, Any]:
    nodes = sorted(found.nodes.values(), key=lambda node: (node.distance, node.name, node.number))
    return {
        "root": found.root.reference,
        "nodes": LineageNodeOut(nodes, many=True, context={"request": request}).data,
        "edges": [
            {
                "source": format_node(edge.source),
                "target": format_node(edge.target),
                "job": _refer_to_job(found.jobs.get(edge.job_id), request),
                "claimed_by": _find_claimant(found, edge, request),
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


def _find_claimant(found: Lineage, edge: Edge, request: Request) -> dict[str, Any] | None:
    job = found.jobs.get(edge.job_id)
    if job is None or job.team is None or not is_claim(job, found.nodes[edge.target].table):
        return None
    return refer_to(job.team, request)


def _refer_to_job(job: LineageJob | None, request: Request) -> dict[str, Any] | None:
    if job is None:
        return None
    return {"id": str(job.pk), "name": job.name, "url": absolute(request, "api-job", job.pk)}
