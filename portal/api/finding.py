"""The catalog: search, products, tables, and readings of Glue."""

from dataclasses import replace
from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.browse.products import product_page
from catalog.browse.tables import table_page
from catalog.products.may import visible_products
from catalog.search.completion.queries import complete
from catalog.search.query import LONGEST_TEXT, SearchQuery
from catalog.search.search import search
from catalog.sync.actions import request_sync
from catalog.sync.may import may_request_sync
from catalog.sync.models import SyncRun
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError
from portal.api.cursors import cursor_after, opened
from portal.api.documented import BEFORE, CHOSEN, CURSOR, LIMIT, OFFSET, SORT, TEXT, documented
from portal.api.paging import asked_page, newest_first, page_answer, page_of
from portal.api.repeating import KEY, once_a_key
from portal.api.shapes import StateField
from portal.people import person_of
from portal.syncs_shown import runs_shown


class ReasonOut(serializers.Serializer[Any]):
    """Why it was found. `spans` are [start, end) offsets of what matched in `text`; `term` the glossary's term
    because of whose other word it matched, or empty.
    """

    field = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()
    spans = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    term = serializers.CharField()


class SpokenTermOut(serializers.Serializer[Any]):
    """A term of the glossary of which the search speaks; `others` were looked for, too."""

    slug = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()
    others = serializers.ListField(child=serializers.CharField())


class HitOut(serializers.Serializer[Any]):
    """A product (with `slug`) or a table that is in no product."""

    kind = serializers.ChoiceField(choices=["product", "table"])
    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    summary = serializers.CharField()
    domain = serializers.CharField()
    tier = serializers.CharField()
    place = serializers.CharField()
    tables = serializers.IntegerField()
    columns = serializers.IntegerField()
    sensitive_columns = serializers.IntegerField()
    classifications = serializers.ListField(child=serializers.CharField())
    has_access = serializers.BooleanField()
    teams = serializers.IntegerField(help_text="how many use it, as of the last count")
    reasons = ReasonOut(many=True)


class FacetValueOut(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    chosen = serializers.BooleanField()


class FacetOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    values = FacetValueOut(many=True)


class FilterOut(serializers.Serializer[Any]):
    """A filter that was typed into `q`, as `name:value`; `excluded` when a minus stood before it."""

    name = serializers.CharField()
    value = serializers.CharField()
    excluded = serializers.BooleanField()


class SearchOut(serializers.Serializer[Any]):
    """`corrected` was searched instead of words that find nothing; `did_you_mean` may have been meant.

    `total` and the facets' counts are estimated by a sample (`is_estimated`) where more than 10,000 tables match.
    `unknown_filters` are names that no filter has: they were searched as words.
    """

    total = serializers.IntegerField()
    products = serializers.IntegerField()
    is_estimated = serializers.BooleanField()
    hits = HitOut(many=True)
    facets = FacetOut(many=True)
    filters = FilterOut(many=True, source="query.typed.filters")
    unknown_filters = serializers.ListField(child=serializers.CharField(), source="query.typed.unknown")
    corrected = serializers.CharField(allow_blank=True)
    did_you_mean = serializers.CharField(allow_blank=True)
    terms = SpokenTermOut(many=True)
    next = serializers.CharField(
        allow_null=True, default=None, help_text="`cursor` of the next page, or null on the last one"
    )


class SuggestionOut(serializers.Serializer[Any]):
    """`text` is the search with it; a product and a term have a `slug`."""

    kind = serializers.ChoiceField(choices=["product", "term", "word", "filter"])
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()
    slug = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField(help_text="what a filter would leave, 0 where that is not counted")


class ProductOut(serializers.Serializer[Any]):
    """A data product in a list."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField()
    domain = serializers.CharField(source="domain.name")
    owner = serializers.CharField(source="owner.name")
    tier = serializers.CharField()
    keywords = serializers.ListField(child=serializers.CharField())


class ColumnOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    comment = serializers.CharField()
    classification = serializers.CharField(allow_blank=True)
    is_partition_key = serializers.BooleanField()


class TableOut(serializers.Serializer[Any]):
    """A table as mirrored; `is_gone` when Glue no longer has it."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    database = serializers.CharField(source="row.database.name")
    catalog = serializers.CharField(source="row.database.catalog.short_name")
    description = serializers.CharField(source="row.description")
    data_format = serializers.CharField(source="row.data_format")
    classification = serializers.CharField(source="row.classification", allow_blank=True)
    mirrored_at = serializers.DateTimeField(source="row.mirrored_at")
    is_gone = serializers.BooleanField()
    has_access = serializers.BooleanField()
    columns = ColumnOut(many=True)


class ProductDetailOut(serializers.Serializer[Any]):
    """A data product with its tables."""

    product = ProductOut(source="row")
    description = serializers.CharField(source="row.description")
    refresh = serializers.CharField(source="row.refresh")
    team = serializers.CharField(source="team.name")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="columns by classification")
    principals_with_access = serializers.IntegerField(source="holders.principals")
    has_access = serializers.BooleanField()
    tables = TableOut(many=True)


class FiguresOut(serializers.Serializer[Any]):
    """Statistics that Glue keeps of a column; null where it says nothing. No values of the data."""

    name = serializers.CharField()
    distinct = serializers.IntegerField(allow_null=True)
    nulls = serializers.IntegerField(allow_null=True)
    longest = serializers.IntegerField(allow_null=True, help_text="length of the longest value")
    analysed_at = serializers.CharField(help_text="ISO 8601, or empty")


class TableDetailOut(serializers.Serializer[Any]):
    """A table with its products and columns."""

    table = TableOut()
    domain = serializers.CharField(source="domain.name", allow_null=True, default=None)
    principals_with_access = serializers.IntegerField(source="holders.principals")
    products = ProductOut(many=True)
    figures = FiguresOut(many=True)


class SyncIn(serializers.Serializer[Any]):
    catalog = serializers.SlugField(help_text="the catalog's short name")


class SyncOut(serializers.Serializer[Any]):
    """One reading of a catalog; it waits while `started_at` is null."""

    id = serializers.IntegerField(source="run.id")
    catalog = serializers.CharField(source="run.catalog.short_name")
    requested_at = serializers.DateTimeField(source="run.requested_at")
    started_at = serializers.DateTimeField(source="run.started_at", allow_null=True)
    finished_at = serializers.DateTimeField(source="run.finished_at", allow_null=True)
    state = StateField(source="state.state")
    state_reason = serializers.CharField(source="state.reason", allow_blank=True)
    outcome = serializers.CharField(source="run.outcome")
    databases = serializers.IntegerField(source="run.databases")
    tables = serializers.IntegerField(source="run.tables")
    changed = serializers.IntegerField(source="run.changed")
    tombstoned = serializers.IntegerField(source="run.tombstoned")
    principals = serializers.IntegerField(source="run.principals")
    error = serializers.CharField(source="run.error", allow_blank=True)


class SearchView(APIView):
    @documented(
        "search", "Find products and tables", SearchOut, errors=(400,),
        parameters=(TEXT, *CHOSEN, SORT, LIMIT, CURSOR, OFFSET),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        page, person = asked_page(request), person_of(request)
        asked = SearchQuery.from_parameters(dict(request.query_params.lists()))
        given = request.query_params.get("cursor", "")
        query, after = opened(given, asked, person) if given else (asked, None)
        offset = 0 if given else page["offset"]
        found = search(query, person=person, limit=page["limit"], offset=offset, after=after)
        if query.text != asked.text:
            found = replace(found, corrected=query.text)
        return Response({**SearchOut(found).data, "next": cursor_after(found, asked, person)})


class SuggestionsView(APIView):
    @documented(
        "complete_search", "What may follow in the search box", SuggestionOut(many=True), parameters=(TEXT,)
    )
    def get(self, request: Request) -> Response:
        text = request.query_params.get("q", "").replace("\x00", " ")[:LONGEST_TEXT]
        return Response(SuggestionOut(complete(text, person=person_of(request)), many=True).data)


class ProductsView(APIView):
    @documented(
        "list_products", "Data products, newest first", page_of(ProductOut), parameters=(LIMIT, BEFORE)
    )
    def get(self, request: Request) -> Response:
        rows = visible_products(person_of(request)).select_related("domain", "owner")
        found, following = newest_first(rows, request)
        return page_answer(ProductOut(found, many=True).data, following)


class ProductView(APIView):
    @documented("show_product", "A data product with its tables", ProductDetailOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(ProductDetailOut(product_page(person_of(request), slug)).data)


class TableView(APIView):
    @documented("show_table", "A table with its columns", TableDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(TableDetailOut(table_page(person_of(request), pk, whole=True)).data)


class SyncsView(APIView):
    @documented(
        "list_syncs", "Readings of the catalogs, newest first", page_of(SyncOut), parameters=(LIMIT, BEFORE)
    )
    def get(self, request: Request) -> Response:
        if not may_request_sync(person_of(request)):
            raise NotFoundError
        rows, following = newest_first(SyncRun.objects.select_related("catalog"), request)
        return page_answer(SyncOut(runs_shown(rows), many=True).data, following)

    @documented(
        "request_sync",
        "Ask that a catalog be read now",
        SyncOut,
        takes=SyncIn,
        status=202,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = SyncIn(data=request.data)
        given.is_valid(raise_exception=True)
        catalog = ConnectedCatalog.objects.filter(short_name=given.validated_data["catalog"]).first()
        run = request_sync(
            acting_user=person_of(request), catalog_id=catalog.pk if catalog else 0, now=clock.now()
        )
        return Response(SyncOut(runs_shown([run])[0]).data, status.HTTP_202_ACCEPTED)
