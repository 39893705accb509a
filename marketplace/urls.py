"""The address of every page; the demo adds its own on top of these."""

from django.contrib import admin
from django.urls import include, path

from marketplace.metrics import metrics

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("portal.api_urls")),
    path("api/docs/", include("portal.api_docs_urls")),
    path("metrics", metrics, name="metrics"),
    path("", include("portal.urls")),
]

handler400 = "portal.errors.views.bad_request"
handler403 = "portal.errors.views.forbidden"
handler404 = "portal.errors.views.not_found"
handler500 = "portal.errors.views.server_error"
