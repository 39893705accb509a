"""URLs of explanations of access."""

from django.urls import path

from portal.explanations import api, views

urlpatterns = [
    path("tables/<int:pk>/access-explanation/", views.explain, name="access-explanation"),
]

api_urlpatterns = [
    path(
        "tables/<int:pk>/access-explanation",
        api.AccessExplanationView.as_view(),
        name="api-access-explanation",
    ),
]
