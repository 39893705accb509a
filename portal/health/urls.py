"""URLs of system health."""

from django.urls import path

from portal.health import views

urlpatterns = [
    path("health/", views.system_health, name="health"),
    path("healthz", views.healthz, name="healthz"),
    path("healthz/live", views.healthz_live, name="healthz-live"),
    path("healthz/ready", views.healthz_ready, name="healthz-ready"),
]
