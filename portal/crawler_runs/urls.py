"""URLs of crawler runs."""

from django.urls import path

from portal.crawler_runs import api, views

urlpatterns = [
    path("crawler-runs/", views.listing, name="crawler-runs"),
    path("crawler-runs/<int:pk>/", views.detail, name="crawler-run"),
]

api_urlpatterns = [
    path("crawler-runs", api.CrawlerRunsView.as_view(), name="api-crawler-runs"),
    path("crawler-runs/<int:pk>", api.CrawlerRunView.as_view(), name="api-crawler-run"),
]
