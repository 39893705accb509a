"""URLs of the status of grants."""

from django.urls import path

from portal.grant_status import api, views

urlpatterns = [
    path("grants/<int:pk>/proof/", views.detail, name="grant-proof"),
    path("grants/<int:pk>/check/", views.check, name="grant-check"),
    path("grants/<int:pk>/test-queries/", views.start_test_query, name="grant-test-queries"),
]

api_urlpatterns = [
    path("grants/<int:pk>/proof", api.ProofView.as_view(), name="api-grant-proof"),
    path("grants/<int:pk>/check", api.CheckView.as_view(), name="api-grant-check"),
    path("grants/<int:pk>/test-queries", api.TestQueriesView.as_view(), name="api-grant-test-queries"),
]
