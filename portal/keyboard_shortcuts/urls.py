"""Addresses of the keyboard shortcuts."""

from django.urls import path

from portal.keyboard_shortcuts import views

urlpatterns = [
    path("help/shortcuts/", views.keys, name="keyboard-shortcuts"),
]
