"""Requests, items, decisions, changes and comments."""

from django.contrib import admin

from audit.admin_bases import ReadOnlyAdmin
from requests_app.access_requests.models import AccessRequest, Comment, Decision, ItemChange, RequestItem


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnlyAdmin):
    list_display = ("id", "requester", "team", "principal", "submitted_at", "ends_at")
    list_filter = ("team",)
    search_fields = ("requester__name", "purpose")


@admin.register(RequestItem)
class RequestItemAdmin(ReadOnlyAdmin):
    list_display = ("id", "request", "table", "state", "state_changed_at")
    list_filter = ("state",)
    list_select_related = ("request__requester", "table__database")


@admin.register(ItemChange)
class ItemChangeAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "created_by", "created_at", "comment")
    list_select_related = ("item__request", "item__table__database", "created_by")


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "author", "posted_at", "kind")
    list_filter = ("kind",)
    list_select_related = ("item__request", "item__table__database", "author")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "item",
        "answer",
        "role",
        "decided_by",
        "decided_at",
        "by_rule",
        "by_offer",
        "effects_hash",
    )
    list_filter = ("answer", "role")
    list_select_related = (
        "item__request",
        "item__table__database",
        "decided_by",
        "by_rule__domain",
        "by_offer",
    )
