"""URLs of runs that read the catalogs."""

from django.urls import path

from portal.sync import api, views

urlpatterns = [
    path("sync-runs/", views.listing, name="sync-runs"),
    path("sync-runs/new/", views.start, name="sync-run-new"),
    path("sync-runs/<int:pk>/", views.detail, name="sync-run"),
    path("sync-runs/<int:pk>/resume/", views.resume, name="sync-run-resume"),
    path("sync-runs/<int:pk>/cancel/", views.drop, name="sync-run-cancel"),
]

api_urlpatterns = [
    path("sync-runs", api.SyncRunsView.as_view(), name="api-sync-runs"),
    path("sync-runs/<int:pk>", api.SyncRunView.as_view(), name="api-sync-run"),
    path("sync-runs/<int:pk>/resume", api.ResumeView.as_view(), name="api-sync-run-resume"),
    path("sync-runs/<int:pk>/cancel", api.CancellationView.as_view(), name="api-sync-run-cancel"),
]
