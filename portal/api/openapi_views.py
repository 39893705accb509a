"""The API described: OpenAPI, and pages to read it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated

from portal.api.openapi_pages import find_group, list_groups, read_document

DESCRIBED: dict[str, Any] = {"permission_classes": [IsAuthenticated]}
openapi = SpectacularAPIView.as_view(**DESCRIBED)


@require_GET
@login_required
def documentation(request: HttpRequest) -> HttpResponse:
    """Every operation by group, each with the page that describes it."""
    context = {"introduction": read_document()["info"]["description"], "groups": list_groups()}
    return render(request, "portal/api/documentation.html", context)


@require_GET
@login_required
def operation_group(request: HttpRequest, name: str) -> HttpResponse:
    """The operations of one group: parameters, shapes, answers and examples."""
    group = find_group(name)
    if group is None:
        raise Http404
    return render(request, "portal/api/group.html", {"group": group})
