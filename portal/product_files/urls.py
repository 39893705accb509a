"""URLs of files of products."""

from django.urls import path

from portal.product_files import api, views

urlpatterns = [
    path("data-products/<slug:slug>/file/", views.download, name="data-product-file"),
    path("my-products/<slug:slug>/draft/file/", views.download_draft, name="data-product-draft-file"),
    path("my-products/import/", views.import_file, name="data-product-import"),
]

api_urlpatterns = [
    path("data-products/<slug:slug>/file", api.FileView.as_view(), name="api-data-product-file"),
    path("data-product-files/plan", api.PlanView.as_view(), name="api-data-product-file-plan"),
    path("data-product-files/apply", api.ApplyView.as_view(), name="api-data-product-file-apply"),
]
