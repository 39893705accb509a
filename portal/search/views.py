"""The search: results, facets, and suggestions. Its address contains everything that it shows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.search.alerts import (
    MAX_MATCHES,
    get_saved_search,
    has_unknown_filters,
    list_found_hits,
    list_saved_searches,
    mark_hits_opened,
)
from catalog.search.completion import suggest
from catalog.search.facet_definitions import FACETS
from catalog.search.facets import Facet, FacetValue
from catalog.search.models import SavedSearch
from catalog.search.query import SORTS, SearchQuery, explain_unknown
from catalog.search.results import SearchResult
from catalog.search.saved_searches import (
    build_saved_name,
    change_search,
    clear_recent_searches,
    delete_search,
    record_search,
    save_search,
    search_history,
)
from catalog.search.search import get_cached_search
from catalog.search.spelling import find_unknown_words
from catalog.search.terms import MAX_TEXT
from kernel.errors import RefusedError
from portal.api.exports import build_export_url
from portal.api.filters import get_facet_parameter
from portal.freshness.presenters import find_hit_freshness
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_offset_pager
from portal.pages.partials import render_page_or_fragment
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.promises.presenters import find_broken_promises
from portal.search.hit_access import find_hit_access

PAGE_SIZE = 20
MAX_PAGES = 500


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Search results; without a search, all that the person may see."""
    query = SearchQuery.from_parameters(dict(request.GET.lists()))
    person = get_signed_in_person(request)
    page = max(1, min(parse_id(request.GET.get("page", "")) or 1, MAX_PAGES))
    offset = (page - 1) * PAGE_SIZE
    result = get_cached_search(query, person=person, limit=PAGE_SIZE, offset=offset)
    if not offset:
        record_search(person, query, found=result.total)
    popular = any(facet.name == "used" and facet.values for facet in result.facets)
    now = get_request_time(request)
    access = find_hit_access(person, result.hits, now)
    broken = find_broken_promises(result.hits)
    freshness = find_hit_freshness(result.hits, now)
    context = {
        "query": query,
        "result": result,
        "hits": tuple((hit, access[hit], broken.get(hit, ()), freshness.get(hit)) for hit in result.hits),
        "unknown_words": () if result.total else find_unknown_words(query, person),
        **split_facets(result),
        "selected_filters": [(name, value) for name in FACETS for value in query.chosen(name)],
        "suggested_query": replace(query, text=result.did_you_mean).to_querystring()
        if result.did_you_mean
        else "",
        "unknown_filters": explain_unknown(query.typed.unknown),
        "words_query": SearchQuery(query.typed.words).to_querystring(),
        "filter_chips": _build_filter_chips(query, result),
        "tag_querystring": _tag_querystring(query),
        "sorts": _build_sorts(query, has_popularity=popular),
        "is_unranked": query.sort == "popular" and bool(result.total) and not popular,
        "saved_name": build_saved_name(person, query.to_querystring()) if not query.is_empty else "",
        "querystring": query.to_querystring(),
        "export_url": build_export_url("api-search", _export_querystring(result.query)),
        "pager": build_offset_pager(offset, PAGE_SIZE, result.total, query.to_querystring()),
    }
    return render_page_or_fragment(request, "portal/search/search.html", "results", context)


OPEN_FACETS = ("access", "domain", "classification", "promise", "type")
"""Shown at once, in this order; the others are behind "More filters" until a value of theirs is chosen."""


def split_facets(result: SearchResult) -> dict[str, object]:
    """`facets` stand open, `more_facets` are folded; `has_chosen_more` opens them."""
    by_name = {facet.name: facet for facet in result.facets if facet.values}
    more = tuple(facet for name, facet in by_name.items() if name not in OPEN_FACETS)
    return {
        "facets": tuple(by_name[name] for name in OPEN_FACETS if name in by_name),
        "more_facets": more,
        "has_chosen_more": any(facet.chosen_count for facet in more),
    }


def _tag_querystring(query: SearchQuery) -> str:
    """The LF-Tags among the filters, for the page that requests access by tags; empty without any."""
    typed = [each.value for each in query.typed.filters if each.name == "tag" and not each.excluded]
    tags = [*query.chosen("tag"), *(value for value in typed if "=" in value)]
    return urlencode([("tag", tag) for tag in tags])


def _build_sorts(query: SearchQuery, *, has_popularity: bool) -> tuple[tuple[str, str, bool], ...]:
    """Each order, the search in it, and whether it is the current one. Without words the default is by name."""
    default = "relevance" if query.typed.words else "name"
    current = default if query.sort == "relevance" else query.sort
    hidden = {"relevance"} - {default} | (set() if has_popularity else {"popular"} - {current})
    return tuple(
        (
            sort,
            replace(query, sort="relevance" if sort == default else sort).to_querystring(),
            sort == current,
        )
        for sort in SORTS
        if sort not in hidden
    )


def _build_filter_chips(query: SearchQuery, result: SearchResult) -> tuple[tuple[str, str], ...]:
    """Each filter's label, and the search without it."""
    typed = [(each.token, query.without(each).to_querystring()) for each in query.typed.filters]
    chosen = [
        (_label_value(facet, value), query.toggled(facet.name, value.value).to_querystring())
        for facet in result.facets
        for value in facet.values
        if value.value in query.chosen(facet.name)
    ]
    return tuple(typed + chosen)


def _label_value(facet: Facet, value: FacetValue) -> str:
    """`Kind: Table`, in the language of the page."""
    return f"{gettext(facet.label)}: {gettext(value.label) if facet.has_fixed_labels else value.label}"


@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """A fragment for the search box. For an empty box it has the person's own searches."""
    person, text = get_signed_in_person(request), request.GET.get("q", "").replace("\x00", " ")[:MAX_TEXT]
    context = (
        {"suggestions": suggest(text, person=person)} if text.strip() else {"history": search_history(person)}
    )
    return render(request, "portal/search/_suggestions.html", {"suggestions": (), "history": None, **context})


def _export_querystring(query: SearchQuery) -> str:
    pairs = parse_qsl(query.to_querystring())
    return urlencode([(get_facet_parameter(name), value) for name, value in pairs])


@require_GET
def saved_searches(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    context = {
        "history": search_history(person),
        "saved": _build_saved_rows(list_saved_searches(person)),
    }
    return render(request, "portal/search/saved_searches.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """What its alerts found, and its settings. Opening it resets the count of new results."""
    person, error = get_signed_in_person(request), ""
    if request.method == "POST":
        try:
            changed = change_search(
                acting_user=person,
                search_id=pk,
                name=request.POST.get("name", ""),
                alert=parse_alert(request.POST.get("alert", "")),
                now=get_request_time(request),
            )
        except RefusedError as refusal:
            error = refusal.message
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": changed.name})
            return redirect("saved-search", pk)
    saved = get_saved_search(person, pk)
    context = {
        "row": _build_saved_rows([saved])[0],
        "found": list_found_hits(saved),
        "alerts": SavedSearch.Alert.choices,
        "max_matches": MAX_MATCHES,
        "error": error,
    }
    response = render(request, "portal/search/saved_search.html", context, status=422 if error else 200)
    mark_hits_opened(saved)
    return response


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Redirects to the search, also with an error message."""
    querystring, name = request.POST.get("search", ""), request.POST.get("name", "")
    person = get_signed_in_person(request)
    try:
        saved = save_search(
            acting_user=person,
            name=name,
            querystring=querystring,
            alert=parse_alert(request.POST.get("alert", "")),
            now=get_request_time(request),
        )
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect(f"{reverse('search')}?{SearchQuery.parse(querystring).to_querystring()}")
    messages.success(request, _("Saved as %(name)s.") % {"name": saved.name})
    return redirect(f"{reverse('search')}?{saved.querystring}")


@require_POST
@return_404_if_hidden
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    name = delete_search(
        acting_user=get_signed_in_person(request), search_id=pk, now=get_request_time(request)
    )
    messages.success(request, _("%(name)s was deleted.") % {"name": name})
    return redirect("saved-searches")


@require_POST
def clear_recent(request: HttpRequest) -> HttpResponse:
    clear_recent_searches(acting_user=get_signed_in_person(request), now=get_request_time(request))
    messages.success(request, _("Your recent searches are cleared."))
    return redirect("saved-searches")


@dataclass(frozen=True)
class SavedRow:
    """`problems` say what is no longer understood of its filters."""

    search: SavedSearch
    new_count: int
    problems: tuple[str, ...]

    @property
    def has_alert(self) -> bool:
        return self.search.alert != SavedSearch.Alert.NONE


def _build_saved_rows(searches: Iterable[SavedSearch]) -> list[SavedRow]:
    """Takes searches with their `new_count`."""
    return [SavedRow(one, getattr(one, "new_count", 0), describe_problems(one)) for one in searches]


def describe_problems(saved: SavedSearch) -> tuple[str, ...]:
    if not has_unknown_filters(saved):
        return ()
    unknown = SearchQuery.parse(saved.querystring).typed.unknown
    changed = _("A filter of this search no longer exists. Open the search and save it again.")
    return tuple(explain_unknown(unknown)) or (changed,)


def parse_alert(said: str) -> SavedSearch.Alert:
    """No alert for anything else."""
    return SavedSearch.Alert(said) if said in SavedSearch.Alert.values else SavedSearch.Alert.NONE
