"""URLs of products and tables."""

from django.urls import path

from portal.products import api, column_view, tab_views, views

urlpatterns = [
    path("data-products/<slug:slug>/", views.product, name="data-product"),
    path("data-products/<slug:slug>/columns/", tab_views.columns, name="data-product-columns"),
    path("data-products/<slug:slug>/quality/", tab_views.quality, name="data-product-quality"),
    path("data-products/<slug:slug>/lineage/", tab_views.lineage, name="data-product-lineage"),
    path("data-products/<slug:slug>/usage/", tab_views.usage, name="data-product-usage"),
    path("data-products/<slug:slug>/questions/", tab_views.discussion, name="data-product-questions"),
    path("data-products/<slug:slug>/changes/", tab_views.history, name="data-product-changes"),
    path("my-products/<slug:slug>/draft/preview/", views.preview, name="data-product-draft-preview"),
    path("tables/<int:pk>/", views.table, name="table"),
    path("tables/<int:pk>/columns/<path:name>/", column_view.column, name="column"),
]

api_urlpatterns = [
    path("data-products/<slug:slug>", api.DataProductView.as_view(), name="api-data-product"),
    path("tables/<int:pk>", api.TableView.as_view(), name="api-table"),
]
