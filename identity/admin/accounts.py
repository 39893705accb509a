"""Read-only admin pages of principals and local groups."""

from django.contrib import admin

from identity.accounts.models import LocalGroup, LocalMember, Principal
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(Principal)
class PrincipalAdmin(ReadOnlyAdmin):
    list_display = ("name", "account", "arn", "owner", "tags", "first_seen_at", "gone_at")
    list_filter = ("account", "is_portal", ("gone_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "arn", "owner__name")
    list_select_related = ("account", "owner")


@admin.register(LocalGroup)
class LocalGroupAdmin(ReadOnlyAdmin):
    """The account's own admins change its groups, on the page for it."""

    list_display = ("name", "account", "created_by", "created_at", "ended_at")
    list_filter = ("account", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "account__name", "account__account_id")
    list_select_related = ("account", "created_by")


@admin.register(LocalMember)
class LocalMemberAdmin(ReadOnlyAdmin):
    list_display = ("arn", "group", "added_by", "added_at", "removed_at")
    list_filter = ("group__account", ("removed_at", admin.EmptyFieldListFilter))
    search_fields = ("arn", "group__name")
    list_select_related = ("group__account", "added_by")
