"""Base class of admin pages whose rows have the number of an AWS account."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from identity.accounts.models import Account
from kernel.admin_bases import ReadOnlyAdmin


class AccountNamesAdmin(ReadOnlyAdmin):
    """The column `named_account` shows the account's name before its number."""

    account_field: ClassVar[str] = "account_id"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        named = Account.objects.filter(account_id=OuterRef(self.account_field)).values("name")[:1]
        rows = super().get_queryset(request)
        with_names: QuerySet[Any] = rows.annotate(account_name=Subquery(named))
        return with_names

    @admin.display(description="account", ordering="account_name")
    def named_account(self, row: Any) -> str:
        number = getattr(row, self.account_field)
        return f"{row.account_name} ({number})" if row.account_name else str(number)
