"""Addresses of notices."""

from django.urls import path

from portal.notifications import api, views

urlpatterns = [
    path("notices/", views.listing, name="notices"),
    path("notices/read/", views.read_all, name="notices-read"),
    path("notices/paces/", views.paces, name="notice-paces"),
    path("notices/open/<str:token>/", views.open_signed, name="notice-signed"),
    path("notices/<int:pk>/", views.open_one, name="notice"),
]

api_urlpatterns = [
    path("notices/", api.NoticesView.as_view(), name="api-notices"),
    path("notices/read", api.ReadView.as_view(), name="api-notices-read"),
    path("notices/paces", api.PacesView.as_view(), name="api-notice-paces"),
]
