"""The demo's addresses: the portal's, and the tour, the persona switcher and *Try to break it*."""

from django.urls import include, path

from demo.pages import caught_mail, persona, style_guide, tour, try_to_break
from marketplace.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("demo/tour/", tour.tour_page, name="demo-tour"),
    path("demo/as/<int:pk>", persona.switch_persona, name="demo-as"),
    path("demo/mail/", caught_mail.mail_page, name="demo-mail"),
    path("demo/break/", try_to_break.try_to_break_page, name="demo-break"),
    path("demo/break/query/", try_to_break.run_query, name="demo-query"),
    path("demo/break/<slug:lever>/", try_to_break.pull_lever, name="demo-pull"),
    path("styleguide/", style_guide.style_guide_page, name="styleguide"),
    path("", include("marketplace.urls")),
]
