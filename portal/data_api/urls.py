"""URLs of the data API."""

from django.urls import path

from portal.data_api.api import queries

api_urlpatterns = [
    path(
        "data-products/<slug:slug>/queries", queries.ProductQueriesView.as_view(), name="api-product-queries"
    ),
    path("queries", queries.QueriesView.as_view(), name="api-queries"),
    path("queries/<int:pk>", queries.SingleQueryView.as_view(), name="api-query"),
    path("queries/<int:pk>/results", queries.ResultsView.as_view(), name="api-query-results"),
]
