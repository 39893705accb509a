"""URLs of role changes."""

from django.urls import path

from portal.role_changes import views

urlpatterns = [
    path("role-changes/", views.listing, name="role-changes"),
    path("role-changes/<int:pk>/", views.decide, name="role-change-decide"),
]
