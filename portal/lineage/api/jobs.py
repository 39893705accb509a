"""Jobs and their runs."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.views import APIView

from catalog.lineage.models import JobKind, LineageRun, RunState
from catalog.lineage.queries import (
    get_job,
)
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.references import OptionalReference, Resource
from portal.lineage.lists import JobList, RunList
from portal.lists.api import list_endpoint


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
    get = list_endpoint(
        "list_jobs",
        "List jobs",
        JobOut,
        JobList,
        description="Those of your teams, and those that write tables that you see.",
    )


class JobView(APIView):
    get = Endpoints(JobOut, get_job).read("get_job", "Get a job")


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
    get = list_endpoint(
        "list_job_runs", "List runs of a job", RunOut, RunList, errors=(404,), description="Newest first."
    )
