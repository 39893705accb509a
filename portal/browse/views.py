"""Browsing by domain or by catalog. Which branches are open is in the address."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from catalog.browse.tree import TreeState, build_tree
from portal.pages.partials import render_page_or_fragment
from portal.pages.signed_in_person import get_signed_in_person


@require_GET
def domains(request: HttpRequest) -> HttpResponse:
    return _tree_page(request, "domain")


@require_GET
def catalogs(request: HttpRequest) -> HttpResponse:
    return _tree_page(request, "catalog")


def _tree_page(request: HttpRequest, kind: str) -> HttpResponse:
    place = TreeState.from_parameters(kind, dict(request.GET.lists()))
    context = {
        "place": place,
        "nodes": build_tree(get_signed_in_person(request), place),
        "address": reverse(f"{kind}s"),
    }
    return render_page_or_fragment(request, "portal/browse/tree.html", "branches", context)
