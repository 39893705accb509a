"""Addresses of the keyboard shortcuts."""

from django.urls import path

from portal.keyboard_shortcuts import views

urlpatterns = [
    path("keys/", views.keys, name="keys"),
]
