"""URLs of webhooks."""

from django.urls import path

from portal.lists.page import make_list_view
from portal.webhooks import views
from portal.webhooks.lists import WebhookList

urlpatterns = [
    path("webhooks/", make_list_view(WebhookList), name="webhooks"),
    path("webhooks/new/", views.new, name="webhook-new"),
    path("webhooks/<int:pk>/", views.detail, name="webhook"),
    path("webhooks/<int:pk>/edit/", views.edit, name="webhook-edit"),
    path("webhooks/<int:pk>/act/", views.act, name="webhook-act"),
]
