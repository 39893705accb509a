"""Browsing by domain or by catalog. What is open stands in the address."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from catalog.browse.tree import KINDS, TreePlace, tree
from portal.pages.partials import page_or_fragment
from portal.pages.signed_in import person_of


@require_GET
def browse(request: HttpRequest) -> HttpResponse:
    place = TreePlace.from_parameters(dict(request.GET.lists()))
    context = {
        "place": place,
        "nodes": tree(person_of(request), place),
        "kinds": [(kind, TreePlace(by=kind).to_querystring()) for kind in KINDS],
    }
    return page_or_fragment(request, "portal/browse/tree.html", "branches", context)
