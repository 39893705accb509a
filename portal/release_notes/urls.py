"""URLs of release notes."""

from django.urls import path

from portal.release_notes import api, views

urlpatterns = [
    path("my-products/<slug:slug>/release-notes/new/", views.new, name="release-note-new"),
    path("release-notes/<int:pk>/", views.detail, name="release-note"),
]

api_urlpatterns = [
    path("release-notes", api.ReleaseNotesView.as_view(), name="api-release-notes"),
    path("release-notes/<int:pk>", api.ReleaseNoteView.as_view(), name="api-release-note"),
]
