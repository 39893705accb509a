"""The demo's addresses: the portal's, and the tour, the persona switcher and *Try to break it*."""

from django.urls import include, path

urlpatterns = [path("", include("marketplace.urls"))]
