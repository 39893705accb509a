"""Bulk decisions, delegations and reminders."""

from django.contrib import admin

from audit.admin_bases import ReadOnlyAdmin
from requests_app.review.bulk.models import BulkDecision, BulkDecisionItem
from requests_app.review.delegation.models import Delegation
from requests_app.review.sla.models import OverdueStep


@admin.register(BulkDecision)
class BulkDecisionAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "answer", "decided_at", "due_at", "done_at", "undone_at")
    list_filter = ("answer",)
    list_select_related = ("person",)


@admin.register(BulkDecisionItem)
class BulkDecisionItemAdmin(ReadOnlyAdmin):
    list_display = ("id", "bulk", "item", "outcome", "message")
    list_filter = ("outcome",)
    list_select_related = ("bulk__person", "item__request", "item__table__database")


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "delegate", "team", "starts_at", "ends_at", "ended_at")
    list_select_related = ("owner", "delegate", "team")


@admin.register(OverdueStep)
class OverdueStepAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "step", "since")
    list_filter = ("step",)
    list_select_related = ("item__request", "item__table__database")
