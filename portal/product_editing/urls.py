"""URLs of the product editor."""

from django.urls import path

from portal.product_editing import views

urlpatterns = [
    path("my-products/<slug:slug>/edit/", views.edit, name="data-product-edit"),
    path("my-products/<slug:slug>/draft/", views.draft, name="data-product-draft"),
    path("my-products/<slug:slug>/draft/publish/", views.publish, name="data-product-draft-publish"),
    path("my-products/<slug:slug>/draft/discard/", views.discard, name="data-product-draft-discard"),
    path("my-products/<slug:slug>/revisions/", views.revisions, name="data-product-revisions"),
]
