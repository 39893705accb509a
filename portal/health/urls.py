"""Addresses of system health."""

from django.urls import path

from portal.health import views

urlpatterns = [
    path("health/", views.state, name="health"),
    path("healthz", views.healthz, name="healthz"),
]
