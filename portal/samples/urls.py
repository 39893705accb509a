"""URLs of sample rows and profiles."""

from django.urls import path

from portal.samples import api, views

urlpatterns = [
    path("tables/<int:pk>/sample-rows/", views.sample_rows, name="table-sample-rows"),
    path("tables/<int:pk>/profile/", views.profile, name="table-profile"),
]

api_urlpatterns = [
    path("sample-requests", api.SampleRequestsView.as_view(), name="api-sample-requests"),
    path("sample-requests/<int:pk>", api.SampleRequestView.as_view(), name="api-sample-request"),
    path("tables/<int:pk>/synthetic-rows", api.SyntheticRowsView.as_view(), name="api-synthetic-rows"),
    path("profile-requests", api.ProfileRequestsView.as_view(), name="api-profile-requests"),
    path("profile-requests/<int:pk>", api.ProfileRequestView.as_view(), name="api-profile-request"),
    path("tables/<int:pk>/profile", api.ProfileView.as_view(), name="api-table-profile"),
]
