"""URLs of decisions on several items."""

from django.urls import path

from portal.bulk_review import api, views

urlpatterns = [
    path("reviews/bulk/", views.confirm, name="bulk-review"),
    path("bulk-decisions/<int:pk>/", views.result, name="bulk-decision"),
    path("bulk-decisions/<int:pk>/cancel/", views.undo, name="bulk-decision-cancel"),
]

api_urlpatterns = [
    path("bulk-decisions", api.BulkDecisionsView.as_view(), name="api-bulk-decisions"),
    path("bulk-decisions/<int:pk>", api.BulkDecisionView.as_view(), name="api-bulk-decision"),
    path(
        "bulk-decisions/<int:pk>/cancel", api.BulkCancellationView.as_view(), name="api-bulk-decision-cancel"
    ),
]
