"""Crawler runs: start a crawler, and follow it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.views import APIView

from catalog.crawler_runs import (
    MAX_NAME_LENGTH,
    CrawlerRun,
    CrawlerRunProblem,
    get_crawler_run,
    request_crawler_run,
)
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, ReferenceIn, TextOut, TimeOut
from portal.api.references import Resource, RowOut, find_catalog_id
from portal.api.serializers import StrictSerializer
from portal.crawler_runs.lists import CrawlerRunList
from portal.lists.api import list_endpoint


class FoundTableOut(serializers.Serializer[Any]):
    database = serializers.CharField(source="database.name")
    name = serializers.CharField()
    location = TextOut()
    data_format = TextOut()


class CrawlerRunOut(Resource, RowOut):
    """A run of a Glue crawler. `problem` says why it failed, `error` what AWS said. `tables` are those that the crawler wrote, once
    it has succeeded and the catalog was read.
    """

    route = "api-crawler-run"

    class Meta:
        model = CrawlerRun
        fields = (
            "state",
            "catalog",
            "crawler",
            "database",
            "requested_by",
            "created_at",
            "started_at",
            "crawled_at",
            "finished_at",
            "problem",
            "error",
            "tables",
        )

    created_at = TimeOut(source="requested_at")
    problem = EnumOut([one for one in CrawlerRunProblem.values if one], allow_null=True)
    tables = serializers.SerializerMethodField()

    @extend_schema_field(FoundTableOut(many=True))  # type: ignore[untyped-decorator]
    def get_tables(self, row: CrawlerRun) -> Any:
        return FoundTableOut(sorted(row.tables.all(), key=lambda table: table.name), many=True).data


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

    post = CRAWLER_RUNS.create(
        "create_crawler_run",
        "Start a crawler",
        request_crawler_run,
        takes=CrawlerRunIn,
        build=lambda _person, said: {
            "catalog_id": find_catalog_id(said["catalog"]),
            "crawler": said["crawler"],
        },
        status=202,
        description="For data owners and developers of the account's team. The portal starts the crawler, follows it, and reads the"
        " catalog afterwards. Read the run again to see how far it is.",
    )


class CrawlerRunView(APIView):
    get = CRAWLER_RUNS.read("get_crawler_run", "Get a crawler run")
