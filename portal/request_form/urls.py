"""URLs of the request forms."""

from django.urls import path

from portal.request_form import table_views, views
from portal.request_form.api import preview, principals, targets

urlpatterns = [
    path("access-requests/new/", views.new_request, name="access-request-new"),
    path("access-requests/preview/", table_views.preview, name="access-request-preview"),
]

api_urlpatterns = [
    path("databases", targets.DatabasesView.as_view(), name="api-databases"),
    path("databases/<int:pk>", targets.DatabaseView.as_view(), name="api-database"),
    path("databases/<int:pk>/members", targets.DatabaseMembersView.as_view(), name="api-database-members"),
    path("catalogs/<slug:slug>/tag-matches", targets.TagMatchesView.as_view(), name="api-tag-matches"),
    path("principals", principals.PrincipalsView.as_view(), name="api-principals"),
    path("access-requests/preview", preview.PreviewView.as_view(), name="api-access-request-preview"),
]
