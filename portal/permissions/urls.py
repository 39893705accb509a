"""URLs of permissions and drift findings."""

from django.urls import path

from portal.permissions import action_views, views

urlpatterns = [
    path("permissions/", views.listing, name="permissions"),
    path("permissions/<int:pk>/adopt/", action_views.adopt, name="permission-adopt"),
    path("permissions/<int:pk>/remove/", action_views.remove, name="permission-remove"),
    path("drift-findings/<int:pk>/repair/", views.repair, name="drift-finding-repair"),
    path("drift-findings/<int:pk>/acknowledge/", action_views.acknowledge, name="drift-finding-acknowledge"),
]
