"""Access reviews and their items."""

from django.contrib import admin

from audit.admin_bases import ReadOnlyAdmin
from requests_app.access_reviews.models import AccessReview, AccessReviewItem


@admin.register(AccessReview)
class AccessReviewAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "started_by", "started_at", "due_at", "state")
    list_filter = ("state",)
    list_select_related = ("started_by",)


@admin.register(AccessReviewItem)
class AccessReviewItemAdmin(ReadOnlyAdmin):
    list_display = ("id", "access_review", "grant", "state", "decided_by", "decided_at")
    list_filter = ("state",)
    list_select_related = (
        "access_review", "grant__item__table__database", "grant__principal__account", "decided_by",
    )  # fmt: skip
