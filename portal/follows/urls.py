"""URLs of what a person follows."""

from django.urls import path

from portal.follows import api, views

urlpatterns = [
    path("follows/", views.listing, name="follows"),
    path("data-products/<slug:slug>/follow/", views.product, name="data-product-follow"),
    path("domains/<slug:slug>/follow/", views.domain, name="domain-follow"),
    path("saved-searches/<int:pk>/follow/", views.saved_search, name="saved-search-follow"),
]

api_urlpatterns = [
    path("follows", api.FollowsView.as_view(), name="api-follows"),
    path("follows/<int:pk>", api.FollowView.as_view(), name="api-follow"),
]
