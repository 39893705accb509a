"""URLs of products and tables."""

from django.urls import path

from portal.products import api, column_view, views

urlpatterns = [
    path("data-products/<slug:slug>/", views.product, name="data-product"),
    path("my-products/<slug:slug>/draft/preview/", views.preview, name="data-product-draft-preview"),
    path("tables/<int:pk>/", views.table, name="table"),
    path("tables/<int:pk>/columns/<path:name>/", column_view.column, name="column"),
]

api_urlpatterns = [
    path("data-products/<slug:slug>", api.DataProductView.as_view(), name="api-data-product"),
    path("tables/<int:pk>", api.TableView.as_view(), name="api-table"),
]
