"""URLs of the inbox."""

from django.urls import path

from portal.inbox import api, views
from portal.inbox.views import DecisionList
from portal.lists.page import make_list_view

urlpatterns = [
    path("reviews/", views.inbox, name="reviews"),
    path("reviews/decided/", make_list_view(DecisionList), name="reviews-decided"),
]

api_urlpatterns = [
    path("waiting-decisions", api.WaitingDecisionsView.as_view(), name="api-waiting-decisions"),
    path("reviews", api.ReviewsView.as_view(), name="api-reviews"),
]
