"""URLs of column holds."""

from django.urls import path

from portal.column_holds import api, views

urlpatterns = [
    path("holds/<int:pk>/release/", views.release, name="hold-release"),
]

api_urlpatterns = [
    path("holds", api.HoldsView.as_view(), name="api-holds"),
    path("holds/<int:pk>", api.HoldView.as_view(), name="api-hold"),
    path("holds/<int:pk>/release", api.ReleaseView.as_view(), name="api-hold-release"),
]
