"""Read-only admin pages of scopes, their rounds, and the calls that these made."""

from django.contrib import admin

from fulfilment.rounds.models import (
    AccountOutage,
    RateLimitBucket,
    Refusal,
    Round,
    Scope,
    Step,
    StepEntry,
    WriteInFlight,
)
from identity.admin.account_names import AccountNamesAdmin
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(Scope)
class ScopeAdmin(ReadOnlyAdmin):
    subject_key = "key"
    list_display = (
        "__str__",
        "kind",
        "failures",
        "converged_at",
        "not_before",
        "scan_at",
        "owner",
        "lease_until",
    )
    list_filter = ("kind", "catalog")
    search_fields = ("key", "catalog__short_name", "consumer__name")
    list_select_related = ("catalog__account", "consumer")


@admin.register(AccountOutage)
class AccountOutageAdmin(ReadOnlyAdmin):
    list_display = ("account", "since", "retry_at")
    search_fields = ("account__name", "account__account_id")
    list_select_related = ("account",)


@admin.register(Round)
class RoundAdmin(ReadOnlyAdmin):
    list_display = ("id", "scope", "outcome", "began_at", "finished_at", "owner", "drift")
    list_filter = ("outcome", "scope__catalog", "began_at")
    search_fields = ("owner", "scope__key")
    list_select_related = ("scope__catalog__account", "scope__consumer")


@admin.register(Step)
class StepAdmin(AccountNamesAdmin):
    list_display = (
        "operation", "named_account", "region", "outcome", "round__scope", "sent_at", "answered_at", "aws_request_id",
        "error_kind", "error",
    )  # fmt: skip
    list_filter = ("outcome", "sent_at")
    search_fields = ("operation", "account_id", "aws_request_id", "error")
    list_select_related = ("round__scope__catalog__account", "round__scope__consumer")


@admin.register(StepEntry)
class StepEntryAdmin(ReadOnlyAdmin):
    list_display = ("action", "resource", "step", "error_kind", "error")
    list_filter = (("error", admin.EmptyFieldListFilter),)
    search_fields = ("action", "resource", "error")
    list_select_related = ("step",)


@admin.register(WriteInFlight)
class WriteInFlightAdmin(AccountNamesAdmin):
    list_display = ("resource", "named_account", "region", "step")
    search_fields = ("resource", "account_id")
    list_select_related = ("step",)


@admin.register(RateLimitBucket)
class RateLimitBucketAdmin(AccountNamesAdmin):
    list_display = ("operation", "named_account", "region", "tokens", "rate", "filled_at")
    search_fields = ("operation", "account_id", "region")


@admin.register(Refusal)
class RefusalAdmin(ReadOnlyAdmin):
    list_display = ("action", "resource", "scope", "count", "first_at", "last_at", "next_at", "error")
    list_filter = ("scope__catalog", "last_at")
    search_fields = ("action", "resource", "error")
    list_select_related = ("scope__catalog__account", "scope__consumer")
