"""URLs of service tokens."""

from django.urls import path

from portal.service_tokens import api, views

urlpatterns = [
    path("tokens/", views.listing, name="tokens"),
    path("tokens/<int:pk>/revoke/", views.revoke, name="token-revoke"),
]

api_urlpatterns = [
    path("tokens", api.ServiceTokensView.as_view(), name="api-tokens"),
    path("tokens/<int:pk>", api.ServiceTokenView.as_view(), name="api-token"),
    path("tokens/<int:pk>/revoke", api.RevokeView.as_view(), name="api-token-revoke"),
]
