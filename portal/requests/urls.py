"""URLs of requests."""

from django.urls import path

from portal.lists.page import make_list_view
from portal.requests import api, change_views, views
from portal.requests.lists import AccessRequestList

urlpatterns = [
    path("access-requests/", make_list_view(AccessRequestList), name="access-requests"),
    path("access-requests/<int:pk>/", views.detail, name="access-request"),
    path("access-requests/<int:pk>/take-over/", views.take_over, name="access-request-take-over"),
    path("request-items/<int:pk>/withdraw/", views.withdraw, name="request-item-withdraw"),
    path("request-items/<int:pk>/resubmit/", change_views.change, name="request-item-resubmit"),
    path("request-items/<int:pk>/columns/", views.item_columns, name="request-item-columns"),
    path("request-items/<int:pk>/comments/", views.comment, name="request-item-comments"),
]

api_urlpatterns = [
    path("access-requests", api.AccessRequestsView.as_view(), name="api-access-requests"),
    path("access-requests/<int:pk>", api.AccessRequestView.as_view(), name="api-access-request"),
    path(
        "access-requests/<int:pk>/take-over", api.TakeOverView.as_view(), name="api-access-request-take-over"
    ),
    path("request-items/<int:pk>", api.RequestItemView.as_view(), name="api-request-item"),
    path("request-items/<int:pk>/resubmit", api.ResubmitView.as_view(), name="api-request-item-resubmit"),
    path("request-items/<int:pk>/withdraw", api.WithdrawView.as_view(), name="api-request-item-withdraw"),
    path("request-items/<int:pk>/comments", api.CommentsView.as_view(), name="api-request-item-comments"),
]
