"""Addresses of the request forms."""

from django.urls import path

from portal.request_form import table_views, views
from portal.request_form.api import databases, lf_tags, tables

urlpatterns = [
    path("access-requests/new/", views.new_request, name="access-request-new"),
    path("access-requests/preview/", table_views.preview, name="access-request-preview"),
]

api_urlpatterns = [
    path("databases/", databases.DatabaseView.as_view(), name="api-database"),
    path("tags/", lf_tags.ReachView.as_view(), name="api-reach"),
    path("principals/", tables.PrincipalsView.as_view(), name="api-principals"),
    path("requests/ahead", tables.AheadView.as_view(), name="api-request-ahead"),
    path("requests/by-database/", databases.ByDatabaseView.as_view(), name="api-request-for-database"),
    path("requests/by-tags/", lf_tags.ByTagsView.as_view(), name="api-request-by-tags"),
]
