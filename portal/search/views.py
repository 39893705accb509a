"""The first page: search, facets, and what there is. Everything it shows is in its address."""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.search.completion.queries import complete
from catalog.search.history import recalled, remember, saved_as
from catalog.search.query import FACETS, LONGEST_TEXT, SORTS, SearchQuery
from catalog.search.result_cache import found_for
from catalog.search.results import SearchResult
from portal.pages.pagination import pager_at
from portal.pages.partials import page_or_fragment
from portal.pages.row_ids import id_in
from portal.pages.signed_in import person_of

A_PAGE = 20
MOST_PAGES = 500


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first page: the search before anything was typed."""
    return _search_page(request)


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    return _search_page(request)


def _search_page(request: HttpRequest) -> HttpResponse:
    query = SearchQuery.from_parameters(dict(request.GET.lists()))
    person, offset = person_of(request), (_page(request) - 1) * A_PAGE
    result = found_for(query, person=person, limit=A_PAGE, offset=offset)
    if not offset:
        remember(person, query)
    popular = any(facet.name == "used" and facet.values for facet in result.facets)
    context = {
        "query": query,
        "result": result,
        "facets": tuple(facet for facet in result.facets if facet.values),
        "chosen": [(name, value) for name in FACETS
                   for value in query.chosen(name)],
        "meant": replace(query, text=result.did_you_mean).to_querystring() if result.did_you_mean else "",
        "chips": _chips(query, result),
        "asks_by": _asks_by(query),
        "sorts": tuple(
            (sort, query.sorted_by(sort).to_querystring())
            for sort in SORTS if sort != "popular" or sort == query.sort or popular
        ),
        "unranked": query.sort == "popular" and bool(result.total) and not popular,
        "saved_as": saved_as(person, query.to_querystring()) if not query.is_empty else "",
        "keeps": query.to_querystring(),
        "exported": result.query.to_querystring(),
        "pager": pager_at(offset, A_PAGE, result.total, query.to_querystring()),
    }  # fmt: skip
    return page_or_fragment(request, "portal/search/home.html", "results", context)


def _asks_by(query: SearchQuery) -> str:
    """The LF-Tags among the filters, clicked or typed, as the page that asks by them takes them; empty for none."""
    typed = [each.value for each in query.typed.filters if each.name == "tag" and not each.excluded]
    pairs = [*query.chosen("tag"), *(value for value in typed if "=" in value)]
    return urlencode([("tag", pair) for pair in pairs])


def _chips(query: SearchQuery, result: SearchResult) -> list[tuple[str, str]]:
    """Each filter in words, and the search without it."""
    typed = [(each.token, query.without(each).to_querystring()) for each in query.typed.filters]
    clicked = [
        (f"{facet.label}: {value.label}", query.toggled(facet.name, value.value).to_querystring())
        for facet in result.facets
        for value in facet.values
        if value.value in query.chosen(facet.name)
    ]
    return typed + clicked


@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """What the search box offers, an empty one the person's own searches: a fragment; without JavaScript nobody asks for it."""
    person, text = person_of(request), request.GET.get("q", "").replace("\x00", " ")[:LONGEST_TEXT]
    offered = (
        {"suggestions": complete(text, person=person)} if text.strip() else {"recalled": recalled(person)}
    )
    return render(request, "portal/search/_suggestions.html", offered)


def _page(request: HttpRequest) -> int:
    said = request.GET.get("page", "")
    return max(1, min(id_in(said) or 1, MOST_PAGES))
