"""Addresses of system health."""

from django.urls import path

from portal.health import views

urlpatterns = [
    path("machine/", views.state, name="machine"),
    path("healthz", views.healthz, name="healthz"),
]
