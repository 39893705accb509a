"""URLs of the data API."""

from django.urls import path

from portal.data_api import views
from portal.data_api.api import credentials, queries

urlpatterns = [
    path("my-products/<slug:slug>/credentials/", views.credential_limit, name="data-product-credentials"),
]

api_urlpatterns = [
    path(
        "data-products/<slug:slug>/queries", queries.ProductQueriesView.as_view(), name="api-product-queries"
    ),
    path("queries", queries.QueriesView.as_view(), name="api-queries"),
    path("queries/<int:pk>", queries.SingleQueryView.as_view(), name="api-query"),
    path("queries/<int:pk>/results", queries.ResultsView.as_view(), name="api-query-results"),
    path(
        "data-products/<slug:slug>/credentials",
        credentials.ProductCredentialsView.as_view(),
        name="api-product-credentials",
    ),
    path(
        "data-products/<slug:slug>/credential-limit",
        credentials.CredentialLimitView.as_view(),
        name="api-credential-limit",
    ),
    path("credentials/<int:pk>", credentials.SingleCredentialView.as_view(), name="api-credential"),
    path("credentials/<int:pk>/collect", credentials.CollectView.as_view(), name="api-credential-collect"),
]
