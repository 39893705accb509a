"""Addresses of the tree."""

from django.urls import path

from portal.browse import views

urlpatterns = [
    path("tree/", views.browse, name="tree"),
]
