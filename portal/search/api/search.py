"""Search and suggestions over the API."""

from dataclasses import replace
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.search.completion.queries import complete
from catalog.search.query import LONGEST_TEXT, SearchQuery
from catalog.search.search import search
from portal.api.openapi import CHOSEN, CURSOR, LIMIT, OFFSET, SORT, TEXT, documented
from portal.api.pagination import asked_page
from portal.api.throttling import SEARCH_POLICY
from portal.pages.signed_in import person_of
from portal.search.api.cursors import cursor_after, opened


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


class SearchView(APIView):
    throttle_scope = SEARCH_POLICY

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
