"""URLs of the audit log."""

from django.urls import path

from portal.audit_log import api, views

urlpatterns = [
    path("audit/", views.audit_log, name="audit-log"),
]

api_urlpatterns = [
    path("audit-events", api.AuditEventsView.as_view(), name="api-audit-events"),
]
