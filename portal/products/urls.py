"""Addresses of products and tables."""

from django.urls import path

from portal.products import api, views

urlpatterns = [
    path("data-products/<slug:slug>/", views.product, name="data-product"),
    path("tables/<int:pk>/", views.table, name="table"),
]

api_urlpatterns = [
    path("products/", api.ProductsView.as_view(), name="api-products"),
    path("products/<slug:slug>/", api.ProductView.as_view(), name="api-product"),
    path("tables/<int:pk>/", api.TableView.as_view(), name="api-table"),
]
