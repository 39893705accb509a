"""URLs of access reviews."""

from django.urls import path

from portal.access_reviews import api, views
from portal.access_reviews.lists import AccessReviewItemList, AccessReviewList
from portal.lists.page import make_list_view

urlpatterns = [
    path("access-reviews/", make_list_view(AccessReviewList), name="access-reviews"),
    path("access-reviews/new/", views.start, name="access-review-new"),
    path("access-reviews/<int:pk>/", make_list_view(AccessReviewItemList), name="access-review"),
    path("access-reviews/<int:pk>/decide/", views.decide, name="access-review-decide"),
    path("access-reviews/<int:pk>/cancel/", views.cancel, name="access-review-cancel"),
    path("access-reviews/<int:pk>/evidence/", views.evidence, name="access-review-evidence"),
]

api_urlpatterns = [
    path("access-reviews", api.AccessReviewsView.as_view(), name="api-access-reviews"),
    path("access-reviews/<int:pk>", api.AccessReviewView.as_view(), name="api-access-review"),
    path(
        "access-reviews/<int:pk>/items", api.AccessReviewItemsView.as_view(), name="api-access-review-items"
    ),
    path(
        "access-reviews/<int:pk>/decisions",
        api.AccessReviewDecisionsView.as_view(),
        name="api-access-review-decisions",
    ),
    path("access-reviews/<int:pk>/cancel", api.CancellationView.as_view(), name="api-access-review-cancel"),
    path("access-reviews/<int:pk>/evidence", api.EvidenceView.as_view(), name="api-access-review-evidence"),
]
