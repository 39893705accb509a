"""Search and suggestions."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.promises import PromiseKind
from catalog.search.completion import suggest
from catalog.search.facet_definitions import FACETS
from catalog.search.plans.matches import Keys
from catalog.search.query import SearchQuery
from catalog.search.results import Hit, SearchResult
from catalog.search.search import EXPORT_BATCH, list_every_hit, search
from catalog.search.terms import MAX_TEXT
from identity.people.models import Person
from kernel.errors import RefusedError
from portal.api.exports import stream_results
from portal.api.fields import EnumOut, TextOut
from portal.api.filters import DATA_FORMAT, get_facet_parameter
from portal.api.openapi import CURSOR, FACET_PARAMETERS, FIELDS, FORMAT, LIMIT, SORT, TEXT, documented
from portal.api.pagination import Page, answer_page, page_of, pick_fields, read_format, read_limit
from portal.api.references import ReferenceOut, absolute, page_of_resource, refer_to
from portal.api.throttling import SEARCH_POLICY
from portal.pages.signed_in_person import get_signed_in_person
from portal.promises.presenters import find_broken_promises
from portal.search.hit_access import ACCESS_STATES, HitAccess, find_hit_access
from requests_app.access_requests.models import AccessRequest

SALT = "search-cursor"
KINDS = {"product": "data_product", "table": "table"}
NOT_EXPORTED = {"matches", "access_request"}
"""Members that would not be the same columns in each row of a file."""
ROUTES = {"product": "api-data-product", "table": "api-table"}


class MatchOut(serializers.Serializer[Any]):
    """Why it was found. `text` is plain text, of a long text an excerpt. `spans` are [start, end) offsets of the matches in
    it. `term` is the glossary term whose synonym matched. `subject_count`: so many tables or columns have this text;
    `subject` is the first.
    """

    field = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()
    spans = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    term = TextOut()
    subject_count = serializers.IntegerField(source="subjects")


class SearchTermOut(serializers.Serializer[Any]):
    """A term of the glossary of which the search speaks; its `synonyms` were searched, too."""

    id = serializers.CharField(source="slug")
    name = serializers.CharField()
    domain_name = TextOut(source="domain")
    definition = serializers.CharField()
    synonyms = serializers.ListField(child=serializers.CharField(), source="others")


class SearchResultOut(serializers.Serializer[Hit]):
    """A data product, or a table that is in none. `team_count` is its popularity, not its use: how many teams have access or requested it in the last 90 days, as of the last count.

    `missing_words` of the search are not in it: results with all words come first. `is_exact`: the text is its name, address or
    the like.

    `access_state` is what your teams have or can do; `requestable`: they can request it. `access_request` is the newest request of
    theirs that is not decided or not applied yet. `access_reason` says why it is `not_requestable`.

    `quality_percent` is the share of rules that passed in the latest quality results; null without any. `broken_promises` are kinds of promises that the data product does not keep now.
    """

    kind = serializers.SerializerMethodField()
    id = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    html_url = serializers.SerializerMethodField()
    name = serializers.CharField()
    summary = TextOut()
    domain_name = TextOut(source="domain")
    tier = EnumOut(("bronze", "silver", "gold"), allow_null=True)
    place = TextOut(help_text="catalog and database")
    table_count = serializers.IntegerField(source="tables")
    column_count = serializers.IntegerField(source="columns")
    sensitive_column_count = serializers.IntegerField(source="sensitive_columns")
    classifications = serializers.ListField(child=serializers.CharField())
    has_access = serializers.BooleanField()
    access_state = serializers.SerializerMethodField()
    access_request = serializers.SerializerMethodField()
    access_reason = serializers.SerializerMethodField()
    team_count = serializers.IntegerField(source="teams")
    quality_percent = serializers.IntegerField(source="quality", allow_null=True)
    broken_promises = serializers.SerializerMethodField()
    matches = MatchOut(many=True, source="reasons")
    missing_words = serializers.ListField(child=serializers.CharField(), source="missing")
    is_exact = serializers.BooleanField()

    @extend_schema_field(EnumOut([*KINDS.values()]))  # type: ignore[untyped-decorator]
    def get_kind(self, hit: Hit) -> str:
        return KINDS[hit.kind]

    def get_id(self, hit: Hit) -> str:
        return hit.slug or str(hit.pk)

    @extend_schema_field(serializers.URLField())  # type: ignore[untyped-decorator]
    def get_url(self, hit: Hit) -> str | None:
        return absolute(self.context["request"], ROUTES[hit.kind], self.get_id(hit))

    @extend_schema_field(serializers.URLField())  # type: ignore[untyped-decorator]
    def get_html_url(self, hit: Hit) -> str | None:
        return page_of_resource(self.get_url(hit))

    def _access_to(self, hit: Hit) -> HitAccess:
        access: HitAccess = self.context["access"][hit]
        return access

    @extend_schema_field(EnumOut(ACCESS_STATES))  # type: ignore[untyped-decorator]
    def get_access_state(self, hit: Hit) -> str:
        return self._access_to(hit).state

    @extend_schema_field(ReferenceOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_access_request(self, hit: Hit) -> dict[str, str | None] | None:
        pk = self._access_to(hit).request_id
        return refer_to(AccessRequest(pk=pk), self.context["request"]) if pk else None

    @extend_schema_field(TextOut())  # type: ignore[untyped-decorator]
    def get_access_reason(self, hit: Hit) -> str | None:
        return self._access_to(hit).reason or None

    @extend_schema_field(serializers.ListField(child=EnumOut(PromiseKind.values)))  # type: ignore[untyped-decorator]
    def get_broken_promises(self, hit: Hit) -> list[str]:
        return list(self.context["broken_promises"].get(hit, ()))


class FacetValueOut(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    is_chosen = serializers.BooleanField(source="chosen")


class FacetOut(serializers.Serializer[Any]):
    """A parameter of the search with the values that it would take. `count` is what the search finds with this value
    instead of those that are chosen and of typed filters of the same facet.
    """

    name = serializers.SerializerMethodField()
    values = FacetValueOut(many=True)

    def get_name(self, facet: Any) -> str:
        return get_facet_parameter(facet.name)


class SearchFilterOut(serializers.Serializer[Any]):
    """A filter that was typed into `q`, as name:value; `is_excluded` when a minus stood before it."""

    name = serializers.CharField()
    value = serializers.CharField()
    is_excluded = serializers.BooleanField(source="excluded")


class UnknownFilterOut(serializers.Serializer[Any]):
    """A filter in `q` that was ignored, as no filter has its `name` or it does not take this `value`."""

    name = serializers.CharField()
    value = serializers.CharField()
    message = serializers.CharField()


class SearchPageOut(page_of(SearchResultOut)):  # type: ignore[misc]
    """A page of a search; it goes forward only. `corrected` was searched instead of words that find nothing; `did_you_mean`
    may have been meant. `total_count` and the counts of facets are estimated by a sample where `is_estimated`.
    `unknown_filters` were ignored.
    """

    total_count = serializers.IntegerField(source="total")
    data_product_count = serializers.IntegerField(source="products")
    is_estimated = serializers.BooleanField()
    facets = FacetOut(many=True)
    filters = SearchFilterOut(many=True, source="query.typed.filters")
    unknown_filters = UnknownFilterOut(many=True, source="query.typed.unknown")
    corrected = TextOut()
    did_you_mean = TextOut()
    terms = SearchTermOut(many=True)


class SearchSummaryOut(SearchPageOut):
    """All of it but the page."""

    results = next = previous = None


class SuggestionOut(serializers.Serializer[Any]):
    """`text` is the search with it; `count` is what a filter would leave, 0 where that is not counted."""

    kind = serializers.SerializerMethodField()
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()
    id = TextOut(source="slug", help_text="of a data product or term")
    count = serializers.IntegerField()

    @extend_schema_field(EnumOut(("data_product", "term", "word", "filter")))  # type: ignore[untyped-decorator]
    def get_kind(self, one: Any) -> str:
        return str(KINDS.get(one.kind, one.kind))


class SuggestionsOut(serializers.Serializer[Any]):
    results = SuggestionOut(many=True)


class SearchView(APIView):
    throttle_scope = SEARCH_POLICY

    @documented(
        "search",
        "Search data products and tables",
        {
            200: SearchPageOut,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-ndjson"): OpenApiTypes.STR,
        },
        errors=(),
        parameters=(TEXT, *FACET_PARAMETERS, SORT, LIMIT, CURSOR, FIELDS, FORMAT),
    )
    def get(self, request: Request) -> Any:
        person = get_signed_in_person(request)
        said = dict(request.query_params.lists())
        known = {name: said[name] for name in (*FACETS, "q", "sort") if name in said and name != "format"}
        asked = SearchQuery.from_parameters({**known, "format": said.get(DATA_FORMAT, [])})
        kind = read_format(request)
        if kind != "json":
            rows = _export_rows(list_every_hit(asked, person=person), person, request)
            return stream_results(rows, kind, "search")
        given = request.query_params.get("cursor", "")
        query, after = _read_cursor(given, asked, person) if given else (asked, None)
        found = search(query, person=person, limit=read_limit(request), offset=0, after=after)
        if query.text != asked.text:
            found = replace(found, corrected=query.text)
        page = Page(list(found.hits), _cursor_after(found, asked, person), None)
        results = _results(found.hits, person, request)
        return answer_page(request, pick_fields(request, results), page, **SearchSummaryOut(found).data)


class SuggestionsView(APIView):
    @documented(
        "list_search_suggestions", "List search suggestions", SuggestionsOut, parameters=(TEXT,), errors=()
    )
    def get(self, request: Request) -> Response:
        text = request.query_params.get("q", "").replace("\x00", " ")[:MAX_TEXT]
        return Response(SuggestionsOut({"results": suggest(text, person=get_signed_in_person(request))}).data)


def _results(hits: Sequence[Hit], person: Person, request: Request) -> list[dict[str, Any]]:
    context = {
        "request": request,
        "access": find_hit_access(person, hits),
        "broken_promises": find_broken_promises(hits),
    }
    rows: Any = hits
    return list(SearchResultOut(rows, many=True, context=context).data)


def _export_rows(hits: Iterable[Hit], person: Person, request: Request) -> Iterator[dict[str, Any]]:
    every = iter(hits)
    while batch := list(islice(every, EXPORT_BATCH)):
        for row in _results(batch, person, request):
            yield {name: value for name, value in row.items() if name not in NOT_EXPORTED}


def _cursor_after(found: SearchResult, query: SearchQuery, person: Person) -> str | None:
    """The cursor of the next page, or None on the last one. Corrected words stay corrected on all pages."""
    if found.following is None:
        return None
    content: dict[str, Any] = {
        "of": _fingerprint(query, person),
        "keys": found.following,
        "text": found.corrected,
    }
    return signing.dumps(content, salt=SALT, compress=True)


def _read_cursor(cursor: str, query: SearchQuery, person: Person) -> tuple[SearchQuery, Keys]:
    """The search, and the keys after which the page starts. RefusedError for an invalid cursor or one of another search."""
    try:
        content = signing.loads(cursor, salt=SALT)
    except signing.BadSignature as error:
        words = _("This is not a cursor of a search. Send what `next` held on the page before.")
        raise RefusedError(words, "cursor") from error
    if content["of"] != _fingerprint(query, person):
        raise RefusedError(_("This cursor belongs to another search. Begin again without it."), "cursor")
    if content["text"]:
        query = replace(query, text=content["text"])
    return query, tuple(content["keys"])


def _fingerprint(query: SearchQuery, person: Person) -> str:
    return hashlib.sha256(f"{person.pk}?{query.to_querystring()}".encode()).hexdigest()[:16]
