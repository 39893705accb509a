"""Addresses of the documentation of the API, below /api/docs/."""

from django.urls import path

from portal.api.openapi_views import documentation, operation_group
from portal.api.problem_views import problems

urlpatterns = [
    path("", documentation, name="api-docs"),
    path("operations/<slug:name>/", operation_group, name="api-docs-group"),
    path("problems/", problems, name="api-error-codes"),
]
