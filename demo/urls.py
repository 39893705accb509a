"""The demo's addresses: the portal's, and the tour, the persona switcher and *Try to break it*."""

from django.urls import include, path

from demo.pages import caught_mail, persona, style_guide, tour, try_to_break
from marketplace.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("demo/tour/", tour.tour, name="demo-tour"),
    path("demo/as/<int:pk>", persona.become, name="demo-as"),
    path("demo/mail/", caught_mail.mail, name="demo-mail"),
    path("demo/break/", try_to_break.breaking, name="demo-break"),
    path("demo/break/query/", try_to_break.query, name="demo-query"),
    path("demo/break/<slug:lever>/", try_to_break.pull, name="demo-pull"),
    path("styleguide/", style_guide.styleguide, name="styleguide"),
    path("", include("marketplace.urls")),
]
