"""URLs of kinds of decisions: those of each feature's module `decision_page`."""

from kernel.loader import iterate_modules

_pages = list(iterate_modules("portal", "decision_page"))
urlpatterns = [url for page in _pages for url in page.urlpatterns]
api_urlpatterns = [url for page in _pages for url in getattr(page, "api_urlpatterns", ())]
