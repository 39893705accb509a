"""Addresses of access reviews."""

from django.urls import path

from portal.access_reviews import api, views

urlpatterns = [
    path("access-reviews/", views.listing, name="access-reviews"),
    path("access-reviews/new/", views.start, name="access-review-new"),
    path("access-reviews/<int:pk>/", views.detail, name="access-review"),
    path("access-reviews/<int:pk>/decide/", views.answer, name="access-review-decide"),
    path("access-reviews/<int:pk>/cancel/", views.call_off, name="access-review-cancel"),
    path("access-reviews/<int:pk>/evidence/", views.evidence, name="access-review-evidence"),
]

api_urlpatterns = [
    path("campaigns/", api.CampaignsView.as_view(), name="api-campaigns"),
    path("campaigns/<int:pk>/", api.CampaignView.as_view(), name="api-campaign"),
    path("campaigns/<int:pk>/lines/", api.CampaignLinesView.as_view(), name="api-campaign-lines"),
    path("campaigns/<int:pk>/answer", api.CampaignAnswerView.as_view(), name="api-campaign-answer"),
    path("campaigns/<int:pk>/call-off", api.CallOffView.as_view(), name="api-campaign-call-off"),
    path("campaigns/<int:pk>/evidence", api.EvidenceView.as_view(), name="api-campaign-evidence"),
]
