"""Read-only admin pages of intents, what justifies them, and test queries."""

from django.contrib import admin

from fulfilment.admin.scope_names import ScopeNamesAdmin
from fulfilment.intents.models import Intent, Justification, Wake
from fulfilment.role_queries.models import TestQuery
from identity.admin.account_names import AccountNamesAdmin
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(Intent)
class IntentAdmin(ScopeNamesAdmin):
    list_display = (
        "id", "kind", "scope_name", "subject", "presence", "usable", "seen_at", "expires_at", "ended_at", "failure",
    )  # fmt: skip
    list_filter = ("kind", "presence", "usable", ("failure", admin.EmptyFieldListFilter))
    search_fields = ("scope_key", "subject", "failure")
    list_select_related = ("evidence__scope__catalog__account", "evidence__scope__consumer")
    subject_fields = ("subject",)


@admin.register(Justification)
class JustificationAdmin(AccountNamesAdmin):
    list_display = (
        "verb",
        "principal_arn",
        "database",
        "table",
        "tagged",
        "columns",
        "grantable",
        "named_account",
    )
    list_filter = ("grantable",)
    search_fields = ("principal_arn", "database", "table", "tagged")
    list_select_related = ("intent",)


@admin.register(Wake)
class WakeAdmin(ScopeNamesAdmin):
    list_display = ("reason", "scope_name", "at", "urgent", "retries")
    list_filter = ("urgent", "retries")
    search_fields = ("reason", "scope_key")


@admin.register(TestQuery)
class TestQueryAdmin(ReadOnlyAdmin):
    list_display = (
        "database", "table", "allowed_column", "refused_column", "requested_by", "requested_at", "finished_at",
        "outcome", "text",
    )  # fmt: skip
    list_filter = ("outcome", "requested_at")
    search_fields = ("database", "table", "requested_by__name")
    list_select_related = ("intent", "requested_by")
