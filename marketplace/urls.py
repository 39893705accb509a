"""The address of every page; the demo adds its own on top of these."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("portal.api.urls")),
    path("", include("portal.urls")),
]

handler400 = "portal.views.problems.bad_request"
handler403 = "portal.views.problems.forbidden"
handler404 = "portal.views.problems.not_found"
handler500 = "portal.views.problems.server_error"
