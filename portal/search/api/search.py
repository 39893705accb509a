"""Search and suggestions over the API."""

from dataclasses import replace
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.search.completion.suggestions import suggest
from catalog.search.query import MAX_TEXT, SearchQuery
from catalog.search.search import search
from portal.api.openapi import CHOSEN, CURSOR, LIMIT, OFFSET, SORT, TEXT, documented
from portal.api.pagination import asked_page
from portal.api.throttling import SEARCH_POLICY
from portal.pages.signed_in import person_of
from portal.search.api.cursors import cursor_after, read_cursor


class ReasonOut(serializers.Serializer[Any]):
    """Why it was found. `spans` are [start, end) offsets of matches in `text`; `term` is the glossary term whose
    synonym matched, or empty.
    """

    field = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()
    spans = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    term = serializers.CharField()


class MatchedTermOut(serializers.Serializer[Any]):
    """A glossary term in the search; `others` are its other names, which were searched too."""

    slug = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()
    others = serializers.ListField(child=serializers.CharField())


class HitOut(serializers.Serializer[Any]):
    """A product (with `slug`) or a table in no product."""

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
    """A filter typed into `q` as `name:value`; `excluded` if it has a leading minus."""

    name = serializers.CharField()
    value = serializers.CharField()
    excluded = serializers.BooleanField()


class SearchOut(serializers.Serializer[Any]):
    """`corrected` was searched instead of words that find nothing; `did_you_mean` may have been meant.

    If more than 10,000 tables match, `total` and the counts of facets are estimated from a sample (`is_estimated`).
    `unknown_filters` are not names of filters; they were searched as words.
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
    terms = MatchedTermOut(many=True)
    next = serializers.CharField(
        allow_null=True, default=None, help_text="`cursor` of the next page, or null on the last one"
    )


class SuggestionOut(serializers.Serializer[Any]):
    """`text` is the search with the suggestion; a product and a term have a `slug`."""

    kind = serializers.ChoiceField(choices=["product", "term", "word", "filter"])
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()
    slug = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField(
        help_text="how many results a filter leaves, 0 where that is not counted"
    )


class SearchView(APIView):
    throttle_scope = SEARCH_POLICY

    @documented(
        "search", "Find products and tables", SearchOut, errors=(400,),
        parameters=(TEXT, *CHOSEN, SORT, LIMIT, CURSOR, OFFSET),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        page, person = asked_page(request), person_of(request)
        typed = SearchQuery.from_parameters(dict(request.query_params.lists()))
        given = request.query_params.get("cursor", "")
        query, after = read_cursor(given, typed, person) if given else (typed, None)
        offset = 0 if given else page["offset"]
        found = search(query, person=person, limit=page["limit"], offset=offset, after=after)
        if query.text != typed.text:
            found = replace(found, corrected=query.text)
        return Response({**SearchOut(found).data, "next": cursor_after(found, typed, person)})


class SuggestionsView(APIView):
    @documented(
        "complete_search", "Suggestions for the search box", SuggestionOut(many=True), parameters=(TEXT,)
    )
    def get(self, request: Request) -> Response:
        text = request.query_params.get("q", "").replace("\x00", " ")[:MAX_TEXT]
        return Response(SuggestionOut(suggest(text, person=person_of(request)), many=True).data)
