"""Addresses of requests."""

from django.urls import path

from portal.requests import api, change_views, comment_views, views

urlpatterns = [
    path("access-requests/", views.listing, name="access-requests"),
    path("access-requests/<int:pk>/", views.detail, name="access-request"),
    path("access-requests/<int:pk>/take-over/", views.take_over, name="access-request-take-over"),
    path("request-items/<int:pk>/withdraw/", views.withdraw, name="request-item-withdraw"),
    path("request-items/<int:pk>/resubmit/", change_views.change, name="request-item-resubmit"),
    path("request-items/<int:pk>/comments/", comment_views.comment, name="request-item-comments"),
]

api_urlpatterns = [
    path("requests/", api.RequestsView.as_view(), name="api-requests"),
    path("requests/<int:pk>/", api.RequestView.as_view(), name="api-request"),
    path("requests/<int:pk>/take-over", api.TakeOverView.as_view(), name="api-take-over"),
    path("items/<int:pk>/change", api.ChangeView.as_view(), name="api-change"),
    path("items/<int:pk>/remarks", api.RemarksView.as_view(), name="api-remarks"),
    path("items/<int:pk>/withdraw", api.WithdrawView.as_view(), name="api-withdraw"),
]
