"""URLs of the change feed."""

from django.urls import path

from portal.change_feed import api

api_urlpatterns = [path("changes", api.ChangesView.as_view(), name="api-changes")]
