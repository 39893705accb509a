"""Addresses of notices."""

from django.urls import path

from portal.notifications import api, views

urlpatterns = [
    path("notifications/", views.listing, name="notifications"),
    path("notifications/mark-read/", views.read_all, name="notifications-mark-read"),
    path("settings/notifications/", views.paces, name="notification-settings"),
    path("notifications/open/<str:token>/", views.open_signed, name="notification-open"),
    path("notifications/<int:pk>/", views.open_one, name="notification"),
]

api_urlpatterns = [
    path("notices/", api.NoticesView.as_view(), name="api-notices"),
    path("notices/read", api.ReadView.as_view(), name="api-notices-read"),
    path("notices/paces", api.PacesView.as_view(), name="api-notice-paces"),
]
