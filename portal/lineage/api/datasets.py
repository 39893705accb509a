"""Datasets without a table, and their matching by hand."""

from rest_framework.views import APIView

from catalog.lineage.actions import match_dataset
from catalog.lineage.models import LineageDataset
from catalog.lineage.queries import (
    get_matchable_dataset,
    list_unmatched_datasets,
)
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import IdIn, TimeOut
from portal.api.references import Resource, RowOut
from portal.api.serializers import StrictSerializer
from portal.lineage.lists import show_visible_matches


class UnmatchedDatasetOut(Resource, RowOut):
    """A dataset as pipelines name it. `table` is null while it is matched to none; `match` says how it was matched."""

    route = "api-unmatched-dataset"
    has_page = False

    class Meta:
        model = LineageDataset
        fields = (
            "namespace",
            "name",
            "match",
            "table",
            "team",
            "matched_by",
            "first_seen_at",
            "last_seen_at",
        )

    first_seen_at = TimeOut(source="first_seen")
    last_seen_at = TimeOut(source="last_seen")


class MatchIn(StrictSerializer):
    """`table` is a live table, or null: the dataset is none of the catalog's tables."""

    table = IdIn(allow_null=True)


DATASETS = Endpoints(UnmatchedDatasetOut, get_matchable_dataset, "dataset_id")


class UnmatchedDatasetsView(APIView):
    get = rows_endpoint(
        "list_unmatched_datasets",
        "List datasets without a table",
        UnmatchedDatasetOut,
        list_unmatched_datasets,
        wrap=show_visible_matches,
        errors=(),
        description="Those that your teams reported; all for stewards, governance admins and auditors.",
    )


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
