"""URLs of comparisons."""

from django.urls import path

from portal.registrations.comparisons import api, views

urlpatterns = [path("registrations/<int:pk>/compare/", views.compare, name="registration-compare")]

api_urlpatterns = [
    path(
        "registrations/<int:pk>/comparisons",
        api.RowComparisonsView.as_view(),
        name="api-registration-comparisons",
    ),
]
