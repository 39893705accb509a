"""URLs of tag changes."""

from django.urls import path

from portal.tag_changes import api, views

urlpatterns = [
    path("tag-changes/", views.listing, name="tag-changes"),
    path("tag-changes/new/", views.new, name="tag-change-new"),
    path("tag-changes/<int:pk>/", views.detail, name="tag-change"),
    path("tag-changes/<int:pk>/decide/", views.decide, name="tag-change-decide"),
]

api_urlpatterns = [
    path("tag-changes", api.TagChangesView.as_view(), name="api-tag-changes"),
    path("tag-changes/preview", api.PreviewView.as_view(), name="api-tag-change-preview"),
    *api.build_verb_urls(),
]
