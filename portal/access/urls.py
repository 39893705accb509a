"""URLs of access."""

from django.urls import path

from portal.access import api, bulk_revoke_views, views
from portal.access.lists import GrantList
from portal.lists.page import make_list_view

urlpatterns = [
    path("data-products/<slug:slug>/access/", views.product_access, name="data-product-access"),
    path(
        "data-products/<slug:slug>/access/revoke/",
        bulk_revoke_views.bulk_revoke,
        name="data-product-access-revoke",
    ),
    path(
        "data-products/<slug:slug>/access/revoked/",
        bulk_revoke_views.bulk_revoked,
        name="data-product-access-revoked",
    ),
    path("grants/", make_list_view(GrantList), name="grants"),
    path("grants/<int:pk>/", views.query_examples, name="grant-query"),
    path("grants/<int:pk>/revoke/", views.revoke, name="grant-revoke"),
]

api_urlpatterns = [
    path("grants", api.GrantsView.as_view(), name="api-grants"),
    path("grants/<int:pk>", api.GrantView.as_view(), name="api-grant"),
    path("grants/<int:pk>/revoke", api.RevokeView.as_view(), name="api-grant-revoke"),
    path("bulk-revocations", api.BulkRevocationsView.as_view(), name="api-bulk-revocations"),
    path("bulk-revocations/<int:pk>", api.BulkRevocationView.as_view(), name="api-bulk-revocation"),
]
