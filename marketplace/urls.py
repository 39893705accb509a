"""The address of every page; the demo adds its own on top of these."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("portal.api.urls")),
    path("", include("portal.urls")),
]
