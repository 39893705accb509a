"""URLs of webhooks."""

from django.urls import path

from portal.webhooks import views

urlpatterns = [
    path("webhooks/", views.listing, name="webhooks"),
    path("webhooks/new/", views.new, name="webhook-new"),
    path("webhooks/<int:pk>/", views.detail, name="webhook"),
    path("webhooks/<int:pk>/edit/", views.edit, name="webhook-edit"),
    path("webhooks/<int:pk>/act/", views.act, name="webhook-act"),
]
