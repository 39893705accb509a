"""Addresses of reviews."""

from django.urls import path

from portal.review import api, views

urlpatterns = [
    path("reviews/<int:pk>/", views.review, name="review"),
]

api_urlpatterns = [
    path("items/<int:pk>/review", api.ReviewView.as_view(), name="api-review"),
    path("items/<int:pk>/approve", api.ApproveView.as_view(), name="api-approve"),
    path("items/<int:pk>/reject", api.RejectView.as_view(), name="api-reject"),
    path("items/<int:pk>/return", api.ReturnView.as_view(), name="api-return"),
]
