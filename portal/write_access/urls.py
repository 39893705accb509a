"""URLs of write requests."""

from django.urls import path

from portal.write_access import api, views

urlpatterns = [
    path("write-requests/", views.listing, name="write-requests"),
    path("write-requests/new/", views.new, name="write-request-new"),
    path("write-requests/<int:pk>/", views.detail, name="write-request"),
    path("write-requests/<int:pk>/decide/", views.decide, name="write-request-decide"),
    path("write-requests/<int:pk>/end/", views.end, name="write-request-end"),
]

api_urlpatterns = [
    path("write-requests", api.WriteRequestsView.as_view(), name="api-write-requests"),
    *api.build_verb_urls(),
]
