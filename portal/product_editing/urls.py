"""URLs of the product editor."""

from django.urls import path

from portal.product_editing import api, views

urlpatterns = [
    path("my-products/new/", views.new, name="data-product-new"),
    path("my-products/<slug:slug>/edit/", views.edit, name="data-product-edit"),
    path("my-products/<slug:slug>/draft/", views.draft, name="data-product-draft"),
    path("my-products/<slug:slug>/draft/publish/", views.publish, name="data-product-draft-publish"),
    path("my-products/<slug:slug>/draft/discard/", views.discard, name="data-product-draft-discard"),
    path("my-products/<slug:slug>/revisions/", views.revisions, name="data-product-revisions"),
]

api_urlpatterns = [
    path("data-products", api.DataProductsView.as_view(), name="api-data-products"),
    path("data-products/<slug:slug>/draft", api.DraftView.as_view(), name="api-data-product-draft"),
    path(
        "data-products/<slug:slug>/draft/publish",
        api.PublishView.as_view(),
        name="api-data-product-draft-publish",
    ),
    path(
        "data-products/<slug:slug>/draft/discard",
        api.DiscardView.as_view(),
        name="api-data-product-draft-discard",
    ),
    path(
        "data-products/<slug:slug>/revisions", api.RevisionsView.as_view(), name="api-data-product-revisions"
    ),
]
