"""URLs of LF-Tag keys."""

from django.urls import path

from portal.tags import api, views

urlpatterns = [
    path("tags/", views.listing, name="tags"),
    path("tags/new/", views.new, name="tag-new"),
    path("tags/<int:pk>/", views.detail, name="tag"),
    path("tags/<int:pk>/edit/", views.edit, name="tag-edit"),
]

api_urlpatterns = [
    path("tags", api.TagsView.as_view(), name="api-tags"),
    path("tags/<int:pk>", api.TagView.as_view(), name="api-tag"),
]
