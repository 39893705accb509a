"""Addresses of decisions on several items."""

from django.urls import path

from portal.bulk_review import api, views

urlpatterns = [
    path("inbox/together/", views.together, name="together"),
    path("inbox/decisions/<int:pk>/", views.bulk, name="bulk"),
    path("inbox/decisions/<int:pk>/undo/", views.undo, name="bulk-undo"),
]

api_urlpatterns = [
    path("bulk/", api.BulkDecisionsView.as_view(), name="api-bulk-decisions"),
    path("bulk/<int:pk>/", api.BulkDecisionView.as_view(), name="api-bulk"),
    path("bulk/<int:pk>/undo", api.UndoBulkView.as_view(), name="api-bulk-undo"),
]
