"""Addresses of the status of grants."""

from django.urls import path

from portal.grant_status import api, views

urlpatterns = [
    path("grants/<int:pk>/proof/", views.of_grant, name="grant-proof"),
    path("grants/<int:pk>/check/", views.look, name="grant-check"),
    path("grants/<int:pk>/test-queries/", views.query, name="grant-test-queries"),
]

api_urlpatterns = [
    path("grants/<int:pk>/standing", api.StandingView.as_view(), name="api-standing"),
    path("grants/<int:pk>/look", api.LookView.as_view(), name="api-look-again"),
    path("grants/<int:pk>/query", api.QueryView.as_view(), name="api-query-as-role"),
]
