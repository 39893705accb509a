"""URLs of reviews."""

from django.urls import path

from portal.review import api, views

urlpatterns = [
    path("reviews/<int:pk>/", views.review, name="review"),
    path("reviews/<int:pk>/assign/", views.assign, name="review-assign"),
]

api_urlpatterns = [
    path("reviews/<int:pk>", api.ReviewView.as_view(), name="api-review"),
    path("reviews/<int:pk>/preview", api.ReviewPreviewView.as_view(), name="api-review-preview"),
    path("reviews/<int:pk>/decisions", api.DecisionsView.as_view(), name="api-review-decisions"),
]
