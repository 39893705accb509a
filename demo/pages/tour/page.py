"""The page of the tour."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from demo.pages.tour.drafting import build_drafting_section
from demo.pages.tour.importing import build_importing_section
from demo.pages.tour.requesting import build_requesting_section
from demo.pages.tour.steps import START_COOKIE, TourSection, TourStart, find_current_step, read_start


@require_GET
def tour_page(request: HttpRequest) -> HttpResponse:
    """Requests and products that were made before the tour started do not count."""
    start = read_start(request)
    sections = list(_build_sections(start))
    response = render(
        request, "demo/tour.html", {"sections": sections, "current": find_current_step(sections)}
    )
    response.set_cookie(START_COOKIE, start.cookie, httponly=True, samesite="Lax")
    return response


def _build_sections(start: TourStart) -> Iterator[TourSection]:
    """Those for which the demo has people and data."""
    for build in (build_requesting_section, build_drafting_section, build_importing_section):
        section = build(start)
        if section is not None:
            yield section
