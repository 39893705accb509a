"""URLs of the classification queue."""

from django.urls import path

from portal.classification import api, views
from portal.classification.lists import FindingList
from portal.lists.page import make_list_view

urlpatterns = [
    path("classification/", make_list_view(FindingList), name="classification"),
    path("classification/accept/", views.accept, name="classification-accept"),
    path("classification/dismiss/", views.dismiss, name="classification-dismiss"),
    path("classification/class/", views.change_class, name="classification-class"),
    path("classification/scans/", views.scans, name="classification-scans"),
]

api_urlpatterns = [
    path("classification-findings", api.FindingsView.as_view(), name="api-classification-findings"),
    path(
        "classification-findings/preview",
        api.PreviewView.as_view(),
        name="api-classification-findings-preview",
    ),
    path(
        "classification-findings/accept", api.AcceptView.as_view(), name="api-classification-findings-accept"
    ),
    path(
        "classification-findings/dismiss",
        api.DismissView.as_view(),
        name="api-classification-findings-dismiss",
    ),
    path(
        "classification-findings/change-class",
        api.ChangeClassView.as_view(),
        name="api-classification-findings-change-class",
    ),
    path("classification-findings/<int:pk>", api.FindingView.as_view(), name="api-classification-finding"),
    path("classification-scans", api.ScansView.as_view(), name="api-classification-scans"),
    path("classification-scans/<int:pk>", api.ScanView.as_view(), name="api-classification-scan"),
]
