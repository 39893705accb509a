"""The demo's addresses: the portal's, and the tour, the persona switcher and *Try to break it*."""

from django.urls import include, path

from demo.views import breaking, mail, people, styleguide, tour
from marketplace.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("demo/tour/", tour.tour, name="demo-tour"),
    path("demo/as/<int:pk>", people.become, name="demo-as"),
    path("demo/mail/", mail.mail, name="demo-mail"),
    path("demo/break/", breaking.breaking, name="demo-break"),
    path("demo/break/query/", breaking.query, name="demo-query"),
    path("demo/break/<slug:lever>/", breaking.pull, name="demo-pull"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("", include("marketplace.urls")),
]
