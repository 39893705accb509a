"""Bulk decisions, delegations and reminders."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.review.assignment.models import Assignment, DecisionComment
from requests_app.review.bulk.models import BulkDecision, BulkDecisionItem
from requests_app.review.delegation.models import Delegation
from requests_app.review.sla.models import OverdueStep


@admin.register(BulkDecision)
class BulkDecisionAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "answer", "decided_at", "due_at", "done_at", "undone_at")
    subject_kind = "bulk_decision"
    list_filter = ("answer", "decided_at")
    search_fields = ("person__name", "comment")
    list_select_related = ("person", "event")


@admin.register(BulkDecisionItem)
class BulkDecisionItemAdmin(ReadOnlyAdmin):
    list_display = ("id", "bulk", "item", "outcome", "message")
    list_filter = ("outcome",)
    search_fields = ("bulk__person__name", "message", "item__table__name")
    list_select_related = ("bulk__person", "item__request", "item__table__database")


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("id", "subject", "person", "assigned_by", "assigned_at")
    subject_fields = ("subject",)
    list_filter = ("assigned_at",)
    search_fields = ("subject", "person__name")
    list_select_related = ("person", "assigned_by", "event")


@admin.register(DecisionComment)
class DecisionCommentAdmin(ReadOnlyAdmin):
    list_display = ("id", "subject", "author", "text", "posted_at")
    subject_fields = ("subject",)
    list_filter = ("posted_at",)
    search_fields = ("subject", "author__name", "text")
    list_select_related = ("author", "event")


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "delegate", "team", "starts_at", "ends_at", "ended_at")
    list_filter = ("team", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("owner__name", "delegate__name", "team__name")
    list_select_related = ("owner", "delegate", "team", "event")


@admin.register(OverdueStep)
class OverdueStepAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "step", "since")
    list_filter = ("step", "since")
    search_fields = ("item__requester__name", "item__table__name")
    list_select_related = ("item__request", "item__table__database", "event")
