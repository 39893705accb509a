"""URLs of the search."""

from django.urls import path

from portal.search import views
from portal.search.api import saved_searches, search

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/suggestions/", views.suggestions, name="search-suggestions"),
    path("saved-searches/", views.saved_searches, name="saved-searches"),
    path("saved-searches/new/", views.save, name="saved-search-new"),
    path("saved-searches/<int:pk>/", views.saved_search, name="saved-search"),
    path("recent-searches/clear/", views.clear_recent, name="recent-searches-clear"),
    path("saved-searches/<int:pk>/delete/", views.delete, name="saved-search-delete"),
]

api_urlpatterns = [
    path("saved-searches", saved_searches.SavedSearchesView.as_view(), name="api-saved-searches"),
    path("saved-searches/<int:pk>", saved_searches.SavedSearchView.as_view(), name="api-saved-search"),
    path(
        "saved-searches/<int:pk>/mark-opened",
        saved_searches.MarkOpenedView.as_view(),
        name="api-saved-search-mark-opened",
    ),
    path("search", search.SearchView.as_view(), name="api-search"),
    path("search/suggestions", search.SuggestionsView.as_view(), name="api-search-suggestions"),
]
