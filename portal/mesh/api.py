"""Reports about the mesh over the API."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.exports import stream_results
from portal.api.fields import EnumOut
from portal.api.openapi import FORMAT, documented
from portal.api.pagination import read_format
from portal.mesh.sections import REPORTS, build_report
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class MeshReportOut(serializers.Serializer[Any]):
    """`results` are the rows: members by the names in `columns`, null where something is not known. Durations are in seconds,
    shares from 0 to 1. `left_out`: rows that are not in this answer, as there are too many.
    """

    report = EnumOut(REPORTS)
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    columns = serializers.ListField(child=serializers.CharField())
    results = serializers.ListField(child=serializers.DictField())
    left_out = serializers.IntegerField()


class MeshReportView(APIView):
    @documented(
        "get_mesh_report",
        "Get a report about the mesh",
        {
            200: MeshReportOut,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-ndjson"): OpenApiTypes.STR,
        },
        parameters=(OpenApiParameter("report", str, OpenApiParameter.PATH, enum=REPORTS), FORMAT),
        description=f"In your own extent. Reports: {', '.join(REPORTS)}.",
    )
    def get(self, request: Request, report: str) -> Any:
        found = build_report(get_signed_in_person(request), report, get_request_time(request))
        if (kind := read_format(request)) != "json":
            return stream_results(found.results, kind, f"mesh-{report}")
        answer = {
            "report": found.name,
            "title": found.title,
            "source": found.source,
            "columns": [column.name for column in found.columns],
            "results": list(found.results),
            "left_out": found.left_out,
        }
        return Response(answer)
