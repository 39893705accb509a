"""URLs of system health."""

from django.urls import path

from portal.health import views

urlpatterns = [
    path("health/", views.system_health, name="health"),
    path("healthz", views.healthz, name="healthz"),
]
