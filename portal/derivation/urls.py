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
    path("derivation-requests/<int:pk>", api.DerivationRequestView.as_view(), name="api-derivation-request"),
    path(
        "derivation-requests/<int:pk>/approve",
        api.ApproveView.as_view(),
        name="api-derivation-request-approve",
    ),
    path(
        "derivation-requests/<int:pk>/reject", api.RejectView.as_view(), name="api-derivation-request-reject"
    ),
    path(
        "derivation-requests/<int:pk>/withdraw",
        api.WithdrawView.as_view(),
        name="api-derivation-request-withdraw",
    ),
    path(
        "derivation-requests/<int:pk>/revoke", api.RevokeView.as_view(), name="api-derivation-request-revoke"
    ),
]
