"""The glossary: words of the business, what they mean, and what they are linked with."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.glossary.queries import glossary, term_page
from catalog.search.query import SearchQuery
from portal.pages.pagination import pager_of
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of

A_PAGE = 50


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    page = Paginator(glossary(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/glossary/list.html", {"terms": page.object_list, "pager": pager_of(page)})


@require_GET
@hides_what_is_not_yours
def term(request: HttpRequest, slug: str) -> HttpResponse:
    page = term_page(person_of(request), slug)
    found = SearchQuery(text=f'"{page.term.name}"' if " " in page.term.name else page.term.name)
    return render(
        request,
        "portal/glossary/detail.html",
        {"page": page, "term": page.term, "search": found.to_querystring()},
    )
