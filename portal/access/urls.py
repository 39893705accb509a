"""Addresses of access."""

from django.urls import path

from portal.access import api, bulk_revoke_views, views

urlpatterns = [
    path("products/<slug:slug>/access/", views.of_product, name="product-access"),
    path("products/<slug:slug>/access/revoke/", bulk_revoke_views.several, name="revoke-several"),
    path("products/<slug:slug>/access/revoked/", bulk_revoke_views.ended, name="revoked"),
    path("access/", views.mine, name="access"),
    path("access/<int:pk>/use/", views.use, name="use"),
    path("access/<int:pk>/revoke/", views.revoke, name="revoke"),
]

api_urlpatterns = [
    path("grants/", api.GrantsView.as_view(), name="api-grants"),
    path("grants/revoke", api.RevokeSeveralView.as_view(), name="api-revoke-several"),
    path("grants/<int:pk>/", api.GrantView.as_view(), name="api-grant"),
    path("grants/<int:pk>/revoke", api.RevokeView.as_view(), name="api-revoke"),
]
