"""URLs of the audit log."""

from django.urls import path

from portal.audit_log import api
from portal.audit_log.lists import AuditLog
from portal.lists.page import make_list_view

urlpatterns = [
    path("audit/", make_list_view(AuditLog), name="audit-log"),
]

api_urlpatterns = [
    path("audit-events", api.AuditEventsView.as_view(), name="api-audit-events"),
]
