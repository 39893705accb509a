"""The addresses of the site, and those of shifts."""

from django.urls import include, path

from demo.urls import handler400, handler403, handler404, handler500
from demo.urls import urlpatterns as site_urls
from tests.decisions import shift

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    *site_urls,
    path("", include(shift.urlpatterns)),
    path("api/v1/", include(shift.api_urlpatterns)),
]
