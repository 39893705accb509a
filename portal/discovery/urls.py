"""URLs of discovery settings."""

from django.urls import path

from portal.discovery import api, views

urlpatterns = [
    path("my-products/<slug:slug>/discovery/", views.discovery, name="data-product-discovery"),
]

api_urlpatterns = [
    path(
        "data-products/<slug:slug>/discovery", api.DiscoveryView.as_view(), name="api-data-product-discovery"
    ),
]
