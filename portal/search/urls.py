"""Addresses of search."""

from django.urls import path

from portal.search import saved_search_views, views
from portal.search.api import export, search

urlpatterns = [
    path("", views.home, name="home"),
    path("suggest/", views.suggest, name="suggest"),
    path("searches/", saved_search_views.listing, name="searches"),
    path("searches/save/", saved_search_views.save, name="search-save"),
    path("searches/forget/", saved_search_views.forget, name="searches-forget"),
    path("searches/<int:pk>/delete/", saved_search_views.delete, name="search-delete"),
]

api_urlpatterns = [
    path("search", search.SearchView.as_view(), name="api-search"),
    path("search.csv", export.CsvView.as_view(), name="api-search-csv"),
    path("search.ndjson", export.LinesView.as_view(), name="api-search-ndjson"),
    path("search/suggestions", search.SuggestionsView.as_view(), name="api-suggestions"),
]
