"""URLs of usage and cost."""

from django.urls import path

from portal.usage import api, views

urlpatterns = [
    path("usage/", views.usage, name="usage"),
    path("usage/file/", views.usage_file, name="usage-file"),
    path("teams/<slug:slug>/usage/", views.team_usage, name="team-usage"),
]

api_urlpatterns = [
    path("data-products/<slug:slug>/usage", api.ProductUsageView.as_view(), name="api-data-product-usage"),
]
