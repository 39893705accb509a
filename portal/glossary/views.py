"""The glossary: business terms, definitions and linked data."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.glossary.queries import build_term_page, list_terms
from catalog.search.query import SearchQuery
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.signed_in_person import get_signed_in_person

PAGE_SIZE = 50


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    page = Paginator(list_terms(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "portal/glossary/list.html", {"terms": page.object_list, "pager": build_pager(page)}
    )


@require_GET
@return_404_if_hidden
def term(request: HttpRequest, slug: str) -> HttpResponse:
    page = build_term_page(get_signed_in_person(request), slug)
    found = SearchQuery(text=f'"{page.term.name}"' if " " in page.term.name else page.term.name)
    return render(
        request,
        "portal/glossary/detail.html",
        {"page": page, "term": page.term, "search": found.to_querystring()},
    )
