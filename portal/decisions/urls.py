"""URLs of kinds of decisions: those of each feature's module `decision_page`, and what all kinds have."""

from django.urls import path

from kernel.loader import iterate_modules
from portal.decisions import views

_pages = list(iterate_modules("portal", "decision_page"))
urlpatterns = [
    path("decisions/<slug:kind>/<int:pk>/assign/", views.assign, name="decision-assign"),
    path("decisions/<slug:kind>/<int:pk>/comments/", views.comment, name="decision-comment"),
    *(url for page in _pages for url in page.urlpatterns),
]
api_urlpatterns = [url for page in _pages for url in getattr(page, "api_urlpatterns", ())]
