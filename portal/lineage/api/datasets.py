"""Datasets without a table, and their matching by hand."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.lineage.actions import match_dataset
from catalog.lineage.may import hide_tables
from catalog.lineage.models import LineageDataset, MatchKind
from catalog.lineage.queries import (
    get_matchable_dataset,
    list_unmatched_datasets,
)
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, IdIn, TimeOut
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Resource
from portal.api.serializers import StrictSerializer
from portal.pages.signed_in_person import get_signed_in_person


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


DATASETS = Endpoints(UnmatchedDatasetOut, get_matchable_dataset, "dataset_id")


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
        person = get_signed_in_person(request)

        def as_seen(rows: list[LineageDataset]) -> list[LineageDataset]:
            hide_tables(person, rows)
            return rows

        return answer_list(request, list_unmatched_datasets(person), UnmatchedDatasetOut, wrap=as_seen)


class UnmatchedDatasetView(APIView):
    get = DATASETS.read("get_unmatched_dataset", "Get a dataset")


class MatchView(APIView):
    post = DATASETS.act(
        "match_dataset",
        "Match a dataset to a table",
        match_dataset,
        names={"table": "table_id"},
        takes=MatchIn,
        description="For stewards and governance admins, and for data owners and developers of the team that reported it. What you"
        " choose stays, whatever events say.",
    )
