"""Addresses of the status of grants."""

from django.urls import path

from portal.grant_status import api, views

urlpatterns = [
    path("grants/<int:pk>/proof/", views.of_grant, name="grant-proof"),
    path("grants/<int:pk>/check/", views.look, name="grant-check"),
    path("grants/<int:pk>/test-queries/", views.query, name="grant-test-queries"),
]

api_urlpatterns = [
    path("grants/<int:pk>/proof", api.ProofView.as_view(), name="api-grant-proof"),
    path("grants/<int:pk>/check", api.CheckView.as_view(), name="api-grant-check"),
    path("grants/<int:pk>/test-queries", api.TestQueriesView.as_view(), name="api-grant-test-queries"),
]
