"""Crawler runs: start a crawler, and follow it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.crawler_runs import (
    MAX_NAME_LENGTH,
    CrawlerRun,
    CrawlerRunProblem,
    CrawlerRunState,
    get_crawler_run,
    request_crawler_run,
)
from identity.accounts import ConnectedCatalog
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, ReferenceIn, TextOut, TimeOut
from portal.api.openapi import documented
from portal.api.references import Reference, Resource
from portal.api.serializers import StrictSerializer, read_body
from portal.crawler_runs.lists import CrawlerRunList
from portal.lists.api import list_endpoint
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class FoundTableOut(serializers.Serializer[Any]):
    database = serializers.CharField(source="database.name")
    name = serializers.CharField()
    location = TextOut()
    data_format = TextOut()


class CrawlerRunOut(Resource):
    """A run of a Glue crawler. `problem` says why it failed, `error` what AWS said. `tables` are those that the crawler wrote, once
    it has succeeded and the catalog was read.
    """

    route = "api-crawler-run"
    state = EnumOut(CrawlerRunState.values)
    catalog = Reference()
    crawler = serializers.CharField()
    database = TextOut()
    requested_by = Reference()
    created_at = TimeOut(source="requested_at")
    started_at = TimeOut(allow_null=True)
    crawled_at = TimeOut(allow_null=True)
    finished_at = TimeOut(allow_null=True)
    problem = EnumOut([one for one in CrawlerRunProblem.values if one], allow_null=True)
    error = TextOut()
    tables = serializers.SerializerMethodField()

    @extend_schema_field(FoundTableOut(many=True))  # type: ignore[untyped-decorator]
    def get_tables(self, row: CrawlerRun) -> Any:
        return FoundTableOut(sorted(row.tables.all(), key=lambda one: one.name), many=True).data


class CrawlerRunIn(StrictSerializer):
    """`catalog` is a connected catalog of a producer account, `crawler` the name of a crawler of that account."""

    catalog = ReferenceIn()
    crawler = serializers.CharField(max_length=MAX_NAME_LENGTH)


CRAWLER_RUNS = Endpoints(CrawlerRunOut, get_crawler_run)


class CrawlerRunsView(APIView):
    get = list_endpoint(
        "list_crawler_runs",
        "List crawler runs",
        CrawlerRunOut,
        CrawlerRunList,
        description="Those in your accounts; all for governance admins and auditors. Newest first.",
    )

    @documented(
        "create_crawler_run",
        "Start a crawler",
        CrawlerRunOut,
        takes=CrawlerRunIn,
        status=202,
        description="For data owners and developers of the account's team. The portal starts the crawler, follows it, and reads the"
        " catalog afterwards. Read the run again to see how far it is.",
    )
    def post(self, request: Request) -> Response:
        said = read_body(CrawlerRunIn, request)
        catalog = ConnectedCatalog.objects.filter(short_name=said["catalog"]).first()
        run = request_crawler_run(
            acting_user=get_signed_in_person(request),
            catalog_id=catalog.pk if catalog else 0,
            crawler=said["crawler"],
            now=get_request_time(request),
        )
        return CRAWLER_RUNS.answer(request, run.pk, status.HTTP_202_ACCEPTED)


class CrawlerRunView(APIView):
    get = CRAWLER_RUNS.read("get_crawler_run", "Get a crawler run")
