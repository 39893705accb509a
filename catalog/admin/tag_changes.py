"""Read-only admin pages of tag changes, their approvals and the mirrored keys."""

from django.contrib import admin

from catalog.mirror.models import TagKey
from catalog.tag_changes.models import TagChange, TagChangeApproval
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(TagKey)
class TagKeyAdmin(ReadOnlyAdmin):
    list_display = ("key", "catalog", "values", "read_at", "tombstoned_at")
    list_filter = ("catalog",)
    search_fields = ("key",)
    list_select_related = ("catalog__account",)


@admin.register(TagChange)
class TagChangeAdmin(ReadOnlyAdmin):
    list_display = ("pk", "catalog", "state", "reason", "requested_by", "requested_at", "decided_by")
    list_filter = ("state", "catalog")
    search_fields = ("reason",)
    list_select_related = ("catalog__account", "requested_by", "decided_by")


@admin.register(TagChangeApproval)
class TagChangeApprovalAdmin(ReadOnlyAdmin):
    list_display = ("pk", "tag_change", "team", "decided_by", "decided_at")
    search_fields = ("team__name", "decided_by__name", "decided_by__email")
    list_select_related = ("tag_change__catalog__account", "team", "decided_by")
