"""URLs of the keyboard shortcuts."""

from django.urls import path

from portal.keyboard_shortcuts import views

urlpatterns = [
    path("help/shortcuts/", views.keyboard_shortcuts, name="keyboard-shortcuts"),
]
