"""Requests, items, decisions, changes and comments."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.access_requests.models import AccessRequest, Comment, Decision, ItemChange, RequestItem
from requests_app.policy_engine.request_texts import TEXT_NAMES


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnlyAdmin):
    subject_kind = "request"
    list_display = ("id", "requester", "team", "principal", "group", *TEXT_NAMES, "submitted_at", "ends_at")
    list_filter = ("team", "submitted_at")
    search_fields = ("requester__name", "principal__name", "group__name", *TEXT_NAMES)
    list_select_related = ("requester", "team", "principal__account", "group__account", "taken_over_by")


@admin.register(RequestItem)
class RequestItemAdmin(ReadOnlyAdmin):
    subject_kind = "item"
    list_display = ("id", "name", "request", "product", "state", "state_changed_at", "risk")
    list_filter = ("state", "state_changed_at")
    search_fields = (
        "requester__name",
        "request__purpose",
        "table__name",
        "table__database__name",
        "product__name",
    )
    list_select_related = ("request__requester", "requester", "table__database", "product", "offer")


@admin.register(ItemChange)
class ItemChangeAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "created_by", "created_at", "comment")
    list_filter = ("created_at",)
    search_fields = ("created_by__name", "comment", "item__table__name")
    list_select_related = ("item__request", "item__table__database", "created_by", "event")


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "author", "posted_at", "kind", "text")
    list_filter = ("kind", "posted_at")
    search_fields = ("author__name", "text", "item__table__name")
    list_select_related = ("item__request", "item__table__database", "author", "event")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "item",
        "answer",
        "role",
        "decided_by",
        "decided_at",
        "on_behalf_of",
        "by_rule",
        "by_offer",
        "comment",
    )
    list_filter = ("answer", "role", "decided_at")
    search_fields = ("decided_by__name", "requester__name", "comment", "item__table__name", "effects_hash")
    list_select_related = (
        "item__request",
        "item__table__database",
        "requester",
        "decided_by",
        "on_behalf_of",
        "by_consent__recipient",
        "event",
        "by_rule__domain",
        "by_offer",
    )
