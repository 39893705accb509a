"""Access reviews and their items."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.access_reviews.models import AccessReview, AccessReviewItem


@admin.register(AccessReview)
class AccessReviewAdmin(ReadOnlyAdmin):
    subject_kind = "access_review"
    list_display = ("name", "domain", "product", "account", "started_by", "started_at", "due_at", "state")
    list_filter = ("state", "domain", "due_at")
    search_fields = ("name", "started_by__name", "domain__name", "product__name", "account__name")
    list_select_related = ("started_by", "domain", "product", "account", "event", "closing_event")


@admin.register(AccessReviewItem)
class AccessReviewItemAdmin(ReadOnlyAdmin):
    list_display = ("id", "access_review", "grant", "state", "decided_by", "decided_at")
    list_filter = ("state", "access_review")
    search_fields = (
        "access_review__name",
        "decided_by__name",
        "grant__table__name",
        "grant__principal__name",
    )
    list_select_related = (
        "access_review",
        "grant__item__table__database",
        "grant__principal__account",
        "decided_by",
        "event",
    )
