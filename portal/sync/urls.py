"""Addresses of runs that read the catalogs."""

from django.urls import path

from portal.sync import api, views

urlpatterns = [
    path("syncs/", views.listing, name="syncs"),
    path("syncs/ask/", views.ask, name="sync-ask"),
    path("syncs/<int:pk>/", views.detail, name="sync"),
    path("syncs/<int:pk>/resume/", views.resume, name="sync-resume"),
    path("syncs/<int:pk>/drop/", views.drop, name="sync-drop"),
]

api_urlpatterns = [
    path("syncs/", api.SyncsView.as_view(), name="api-syncs"),
]
