"""The demo's addresses: the portal's, and the tour, the persona switcher and *Try to break it*."""

from django.urls import include, path

from demo.views import breaking, people, styleguide, tour

handler400 = "portal.views.problems.bad_request"
handler403 = "portal.views.problems.forbidden"
handler404 = "portal.views.problems.not_found"
handler500 = "portal.views.problems.server_error"

urlpatterns = [
    path("demo/tour/", tour.tour, name="demo-tour"),
    path("demo/as/<int:pk>", people.become, name="demo-as"),
    path("demo/break/", breaking.breaking, name="demo-break"),
    path("demo/break/query/", breaking.query, name="demo-query"),
    path("demo/break/<slug:lever>/", breaking.pull, name="demo-pull"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("", include("marketplace.urls")),
]
