"""The help page of problems: what each code means."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.api.problems import TITLES


@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/api/problems.html", {"problems": sorted(TITLES.items())})
