"""Asking for a whole database: what is in it, and the ask."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.api.serializers import RequestOut
from portal.pages.signed_in import person_of
from portal.request_form.api.demands import said_of
from portal.request_form.api.lf_tags import CATALOG, ManyIn, MemberOut
from portal.request_form.api.tables import LONGEST_NAME, principal_in
from requests_app.access_requests.queries import get_request
from requests_app.submission.database_requests import submit_database_request
from requests_app.targets.databases import FutureAccess, build_database_target, get_database_by_name

NAME = OpenApiParameter("database", str, required=True, description="Its name.")


class DatabaseOut(serializers.Serializer[Any]):
    """What is in a database today, as far as you may see it. `mark` names exactly this; `refusal` says why every table,
    those yet to come too, cannot be asked for, or is empty: today's tables may be all the same.
    """

    database = serializers.CharField(source="database.name")
    mark = serializers.CharField()
    refusal = serializers.CharField()
    tables = MemberOut(many=True)


class ByDatabaseIn(ManyIn):
    """`mark` is that of the database as you looked at it; `later` says what comes later of it: nothing (an item for
    each of today's tables with today's columns), columns (an item for each of today's tables as a whole), or tables
    (one item: every table, those yet to come too).
    """

    database = serializers.CharField(max_length=LONGEST_NAME)
    later = serializers.ChoiceField(FutureAccess.choices)


class DatabaseView(APIView):
    @documented(
        "show_database", "What is in a database", DatabaseOut, parameters=(CATALOG, NAME), errors=(400, 404)
    )
    def get(self, request: Request) -> Response:
        said, person = request.query_params, person_of(request)
        database = get_database_by_name(person, said.get("catalog", ""), said.get("database", ""))
        return Response(DatabaseOut(build_database_target(database, person)).data)


class ByDatabaseView(APIView):
    @documented(
        "submit_request_for_database",
        "Ask for a whole database",
        RequestOut,
        takes=ByDatabaseIn,
        status=201,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = ByDatabaseIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, values, now = person_of(request), given.validated_data, clock.now()
        principal = principal_in(person, values.pop("principal"))
        asked = submit_database_request(
            later=FutureAccess(values.pop("later")),
            asker=person,
            team=principal.account.team,
            principal=principal,
            database=get_database_by_name(person, values.pop("catalog"), values.pop("database")),
            now=now,
            offer_id=values.pop("offer"),
            provided=said_of(values),
            **values,
        )
        shown = RequestOut(get_request(person, asked.pk), context={"now": now})
        return Response(shown.data, status.HTTP_201_CREATED)
