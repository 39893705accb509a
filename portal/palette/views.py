"""The command palette: a page that works without JavaScript, whose results htmx loads into a dialog."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from catalog.search.terms import MAX_TEXT
from portal.pages.partials import render_page_or_fragment
from portal.pages.signed_in_person import get_signed_in_person
from portal.palette.entries import list_groups


@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    text = request.GET.get("q", "").replace("\x00", " ").strip()[:MAX_TEXT]
    context = {"text": text, "groups": list_groups(person, text)}
    return render_page_or_fragment(request, "portal/palette/page.html", "results", context)
