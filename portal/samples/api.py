"""Sample rows, made-up rows and profiles of tables."""

from typing import Any

from rest_framework import serializers
from rest_framework.views import APIView

from catalog.browse.tables import get_table
from identity.people.models import Person
from kernel import clock
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import EnumOut, IdIn, TextOut, TimeOut, optional
from portal.api.references import Reference, Resource
from portal.api.serializers import StrictSerializer
from portal.pages.signed_in_person import get_signed_in_person
from portal.samples.problem_texts import describe_problem
from requests_app.data_queries.actions import request_profile, request_sample
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.models import DataQuery, TableProfile
from requests_app.data_queries.profiles import get_profile, list_column_profiles
from requests_app.data_queries.queries import get_own_query, list_own_queries, list_rows
from requests_app.data_queries.states import QueryProblem, QueryState
from requests_app.data_queries.synthetic_rows import build_synthetic_rows

Kind = DataQuery.Kind
"""No member of the answers repeats a value after the rows expired."""


class QueryProblemOut(serializers.Serializer[DataQuery]):
    """`details` are AWS's own words."""

    code = EnumOut(QueryProblem.values[1:], source="problem")
    detail = serializers.SerializerMethodField()
    details = TextOut(source="error")

    def get_detail(self, row: DataQuery) -> str:
        return " ".join(describe_problem(row))


class SampleRequestIn(StrictSerializer):
    """`principal` is the ARN of the role that reads; without one, the role that may read most columns."""

    table = IdIn()
    principal = optional(serializers.CharField, max_length=600)


class SampleRequestOut(Resource):
    """`rows` are text, in the order of `columns`; null until they are read, and again from `expires_at` on."""

    route = "api-sample-request"
    has_page = False
    table = Reference()
    principal = Reference()
    lifecycle = EnumOut(QueryState.values, source="state")
    error = serializers.SerializerMethodField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.SerializerMethodField()
    created_at = TimeOut(source="requested_at")
    finished_at = TimeOut(allow_null=True)
    expires_at = TimeOut(allow_null=True)

    def get_error(self, row: DataQuery) -> Any:
        return QueryProblemOut(row).data if row.problem else None

    def get_rows(self, row: DataQuery) -> list[list[str | None]] | None:
        return list_rows(row, Caller(row.requested_by, row.token), clock.now())


class SyntheticRowsOut(serializers.Serializer[Any]):
    """`is_synthetic` is always true: the rows are made up from the names, types and classes of the columns."""

    is_synthetic = serializers.BooleanField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class ColumnProfileOut(serializers.Serializer[Any]):
    """The profile of the rows that were looked at."""

    name = serializers.CharField()
    null_count = serializers.IntegerField(source="nulls")
    distinct_count = serializers.IntegerField(source="distinct")
    least = TextOut()
    greatest = TextOut()


class ProfileOut(serializers.Serializer[TableProfile]):
    """Counted by a query of the first rows, for a data owner. Sensitive columns are left out."""

    table = Reference()
    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    measured_at = TimeOut()
    row_count = serializers.IntegerField()
    columns = serializers.SerializerMethodField()

    def get_source(self, _row: TableProfile) -> str:
        return "sampled_query"

    def get_columns(self, row: TableProfile) -> Any:
        person = get_signed_in_person(self.context["request"])
        return ColumnProfileOut(list_column_profiles(row, person, clock.now()), many=True).data


class ProfileRequestIn(StrictSerializer):
    table = IdIn()


class ProfileRequestOut(Resource):
    """Once it succeeded, read the table's profile."""

    route = "api-profile-request"
    has_page = False
    table = Reference()
    lifecycle = EnumOut(QueryState.values, source="state")
    error = serializers.SerializerMethodField()
    created_at = TimeOut(source="requested_at")
    finished_at = TimeOut(allow_null=True)

    def get_error(self, row: DataQuery) -> Any:
        return QueryProblemOut(row).data if row.problem else None


SAMPLES = Endpoints(
    SampleRequestOut, lambda person, pk: get_own_query(Caller(person), Kind.SAMPLE, pk), retries=2
)
PROFILES = Endpoints(
    ProfileRequestOut, lambda person, pk: get_own_query(Caller(person), Kind.PROFILE, pk), retries=2
)


class SampleRequestsView(APIView):
    get = rows_endpoint(
        "list_sample_requests",
        "List your sample requests",
        SampleRequestOut,
        lambda person: list_own_queries(Caller(person), Kind.SAMPLE),
        errors=(),
        description="Yours alone, newest first.",
    )

    post = SAMPLES.create(
        "create_sample_request",
        "Read sample rows",
        request_sample,
        takes=SampleRequestIn,
        names={"table": "table_id"},
        status=202,
        description="Up to 20 rows, read by one of your roles through Athena. Only you can read them, for some minutes.",
    )


class SampleRequestView(APIView):
    get = SAMPLES.read("get_sample_request", "Get sample rows")


def _build_synthetic_rows(person: Person, pk: int) -> dict[str, Any]:
    table = get_table(person, pk)
    columns = table.column_facts
    rows = build_synthetic_rows(table, columns)
    return {"is_synthetic": True, "columns": [column.name for column in columns], "rows": rows}


class SyntheticRowsView(APIView):
    get = Endpoints(SyntheticRowsOut, _build_synthetic_rows).read(
        "get_synthetic_rows", "Get made-up rows of a table"
    )


class ProfileRequestsView(APIView):
    post = PROFILES.create(
        "create_profile_request",
        "Measure a profile",
        request_profile,
        takes=ProfileRequestIn,
        names={"table": "table_id"},
        status=202,
        description="For data owners of the table's domain. The catalog's sampling role counts values, and reads no sensitive column.",
    )


class ProfileRequestView(APIView):
    get = PROFILES.read("get_profile_request", "Get a profile request")


class ProfileView(APIView):
    get = Endpoints(ProfileOut, lambda person, pk: get_profile(get_table(person, pk))).read(
        "get_table_profile", "Get the profile of a table"
    )
