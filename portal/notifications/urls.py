"""URLs of notifications."""

from django.urls import path

from portal.lists.page import make_list_view
from portal.notifications import api, views
from portal.notifications.lists import NotificationList

urlpatterns = [
    path("notifications/", make_list_view(NotificationList), name="notifications"),
    path("notifications/mark-read/", views.mark_all_as_read, name="notifications-mark-read"),
    path("settings/notifications/", views.notification_settings, name="notification-settings"),
    path("notifications/open/<str:token>/", views.open_signed_link, name="notification-open"),
    path("notifications/<int:pk>/", views.open_notification, name="notification"),
]

api_urlpatterns = [
    path("notifications", api.NotificationsView.as_view(), name="api-notifications"),
    path("notifications/mark-read", api.MarkReadView.as_view(), name="api-notifications-mark-read"),
    path("notification-settings", api.NotificationSettingsView.as_view(), name="api-notification-settings"),
]
