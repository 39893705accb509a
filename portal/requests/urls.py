"""Addresses of requests."""

from django.urls import path

from portal.requests import api, change_views, comment_views, views

urlpatterns = [
    path("requests/", views.listing, name="requests"),
    path("requests/<int:pk>/", views.detail, name="request"),
    path("requests/<int:pk>/take-over/", views.take_over, name="take-over"),
    path("items/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("items/<int:pk>/change/", change_views.change, name="change"),
    path("items/<int:pk>/comment/", comment_views.comment, name="comment"),
]

api_urlpatterns = [
    path("requests/", api.RequestsView.as_view(), name="api-requests"),
    path("requests/<int:pk>/", api.RequestView.as_view(), name="api-request"),
    path("requests/<int:pk>/take-over", api.TakeOverView.as_view(), name="api-take-over"),
    path("items/<int:pk>/change", api.ChangeView.as_view(), name="api-change"),
    path("items/<int:pk>/remarks", api.RemarksView.as_view(), name="api-remarks"),
    path("items/<int:pk>/withdraw", api.WithdrawView.as_view(), name="api-withdraw"),
]
