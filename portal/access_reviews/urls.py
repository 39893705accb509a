"""Addresses of access reviews."""

from django.urls import path

from portal.access_reviews import api, views

urlpatterns = [
    path("campaigns/", views.listing, name="campaigns"),
    path("campaigns/start/", views.start, name="campaign-start"),
    path("campaigns/<int:pk>/", views.detail, name="campaign"),
    path("campaigns/<int:pk>/answer/", views.answer, name="campaign-answer"),
    path("campaigns/<int:pk>/call-off/", views.call_off, name="campaign-call-off"),
    path("campaigns/<int:pk>/evidence.csv", views.evidence_csv, name="campaign-csv"),
    path("campaigns/<int:pk>/evidence.json", views.evidence_json, name="campaign-json"),
]

api_urlpatterns = [
    path("campaigns/", api.CampaignsView.as_view(), name="api-campaigns"),
    path("campaigns/<int:pk>/", api.CampaignView.as_view(), name="api-campaign"),
    path("campaigns/<int:pk>/lines/", api.CampaignLinesView.as_view(), name="api-campaign-lines"),
    path("campaigns/<int:pk>/answer", api.CampaignAnswerView.as_view(), name="api-campaign-answer"),
    path("campaigns/<int:pk>/call-off", api.CallOffView.as_view(), name="api-campaign-call-off"),
    path("campaigns/<int:pk>/evidence", api.EvidenceView.as_view(), name="api-campaign-evidence"),
]
