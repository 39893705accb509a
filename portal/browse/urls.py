"""URLs of the tree."""

from django.urls import path

from portal.browse import views

urlpatterns = [
    path("domains/", views.domains, name="domains"),
    path("catalogs/", views.catalogs, name="catalogs"),
]
