"""Mails, and how far events were projected."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.notifications.models import NotificationMail, ProjectionPosition


@admin.register(NotificationMail)
class NotificationMailAdmin(ReadOnlyAdmin):
    list_display = ("key", "person", "created_at", "attempts", "due_at", "sent_at", "gave_up_at", "failure")
    list_filter = (("sent_at", admin.EmptyFieldListFilter), ("gave_up_at", admin.EmptyFieldListFilter))
    search_fields = ("key", "person__name")
    list_select_related = ("person",)


@admin.register(ProjectionPosition)
class ProjectionPositionAdmin(ReadOnlyAdmin):
    list_display = ("__str__",)
