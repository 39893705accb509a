"""URLs of the search."""

from django.urls import path

from portal.search import saved_search_views, views
from portal.search.api import search

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/suggestions/", views.suggestions, name="search-suggestions"),
    path("saved-searches/", saved_search_views.saved_searches, name="saved-searches"),
    path("saved-searches/new/", saved_search_views.save, name="saved-search-new"),
    path("recent-searches/clear/", saved_search_views.clear_recent, name="recent-searches-clear"),
    path("saved-searches/<int:pk>/delete/", saved_search_views.delete, name="saved-search-delete"),
]

api_urlpatterns = [
    path("search", search.SearchView.as_view(), name="api-search"),
    path("search/suggestions", search.SuggestionsView.as_view(), name="api-search-suggestions"),
]
