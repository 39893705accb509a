"""Read-only admin pages of principals, local groups, account connections and their check-ups, and service tokens."""

from django.contrib import admin

from identity.accounts import LocalGroup, LocalMember, Principal
from identity.connections import AccountConnection, Checkup
from identity.service_tokens import ServiceToken
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


@admin.register(AccountConnection)
class ConnectionAdmin(ReadOnlyAdmin):
    """Accounts are connected on the portal's page *Accounts*."""

    list_display = ("name", "account_id", "region", "team", "requested_by", "requested_at", "registered")
    list_filter = ("environment", ("registered", admin.EmptyFieldListFilter))
    search_fields = ("name", "account_id")
    list_select_related = ("team", "requested_by", "registered")


@admin.register(Checkup)
class CheckupAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "requested_by", "requested_at", "finished_at", "findings")
    list_filter = ("account", ("finished_at", admin.EmptyFieldListFilter))
    search_fields = ("account__name", "account__account_id", "connection__name", "connection__account_id")
    list_select_related = ("account", "connection", "requested_by")


@admin.register(ServiceToken)
class ServiceTokenAdmin(ReadOnlyAdmin):
    """The team creates and revokes tokens on the portal's page *Service tokens*."""

    list_display = (
        "name",
        "team",
        "hint",
        "created_by",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_filter = ("team",)
    search_fields = ("name", "hint", "team__name")
    list_select_related = ("team", "created_by")
