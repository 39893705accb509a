"""The demo's addresses: the portal's, and the tour, the persona switcher and *Try to break it*."""

from django.urls import include, path

handler400 = "portal.views.problems.bad_request"
handler403 = "portal.views.problems.forbidden"
handler404 = "portal.views.problems.not_found"
handler500 = "portal.views.problems.server_error"

urlpatterns = [path("", include("marketplace.urls"))]
