"""URL of a person's own data products."""

from django.urls import path

from portal.my_products import views

urlpatterns = [path("my-products/", views.my_products, name="my-products")]
