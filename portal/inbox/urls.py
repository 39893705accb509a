"""Addresses of the inbox."""

from django.urls import path

from portal.inbox import api, views

urlpatterns = [
    path("reviews/", views.inbox, name="reviews"),
]

api_urlpatterns = [
    path("inbox/", api.InboxView.as_view(), name="api-inbox"),
]
