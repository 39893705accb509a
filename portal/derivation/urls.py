"""URLs of derived products and of requests to upstream owners."""

from django.urls import path

from portal.derivation import api, views

urlpatterns = [
    path("data-products/<slug:slug>/derivation/", views.product, name="data-product-derivation"),
    path("derivation-requests/", views.listing, name="derivation-requests"),
    path("derivation-requests/<int:pk>/", views.detail, name="derivation-request"),
    path("derivation-requests/<int:pk>/decide/", views.decide, name="derivation-request-decide"),
]

api_urlpatterns = [
    path(
        "data-products/<slug:slug>/derivation",
        api.DerivationView.as_view(),
        name="api-data-product-derivation",
    ),
    path("derivation-requests", api.DerivationRequestsView.as_view(), name="api-derivation-requests"),
    *api.build_verb_urls(),
]
