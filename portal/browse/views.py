"""Browsing by domain or by catalog. Which branches are open is in the address."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from catalog.browse.tree import TreePlace, tree
from portal.pages.partials import page_or_fragment
from portal.pages.signed_in import person_of


@require_GET
def domains(request: HttpRequest) -> HttpResponse:
    return _tree_page(request, "domain")


@require_GET
def catalogs(request: HttpRequest) -> HttpResponse:
    return _tree_page(request, "catalog")


def _tree_page(request: HttpRequest, kind: str) -> HttpResponse:
    place = TreePlace.from_parameters(kind, dict(request.GET.lists()))
    context = {
        "place": place,
        "nodes": tree(person_of(request), place),
        "address": reverse(f"{kind}s"),
    }
    return page_or_fragment(request, "portal/browse/tree.html", "branches", context)
