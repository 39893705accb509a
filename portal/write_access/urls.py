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
    path("write-requests/<int:pk>", api.WriteRequestView.as_view(), name="api-write-request"),
    path("write-requests/<int:pk>/approve", api.ApproveView.as_view(), name="api-write-request-approve"),
    path("write-requests/<int:pk>/reject", api.RejectView.as_view(), name="api-write-request-reject"),
    path("write-requests/<int:pk>/withdraw", api.WithdrawView.as_view(), name="api-write-request-withdraw"),
    path("write-requests/<int:pk>/end", api.EndView.as_view(), name="api-write-request-end"),
]
