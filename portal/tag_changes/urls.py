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
    path("tag-changes/<int:pk>", api.TagChangeView.as_view(), name="api-tag-change"),
    path("tag-changes/<int:pk>/approve", api.ApproveView.as_view(), name="api-tag-change-approve"),
    path("tag-changes/<int:pk>/reject", api.RejectView.as_view(), name="api-tag-change-reject"),
    path("tag-changes/<int:pk>/withdraw", api.WithdrawView.as_view(), name="api-tag-change-withdraw"),
]
