"""Base class of admin pages whose rows name a scope by its key, such as `share:3:111122223333`."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from identity.accounts.models import Account, ConnectedCatalog
from kernel.admin_bases import ReadOnlyAdmin


class ScopeNamesAdmin(ReadOnlyAdmin):
    """The column `scope_name` shows the catalog and the consumer account."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = changelist.result_list = list(changelist.result_list)
        names = name_scopes({row.scope_key for row in rows})
        for row in rows:
            row.name_of_scope = names.get(row.scope_key, row.scope_key)
        return changelist

    @admin.display(description="scope", ordering="scope_key")
    def scope_name(self, row: Any) -> str:
        return str(row.name_of_scope)


def name_scopes(keys: Iterable[str]) -> dict[str, str]:
    """By key. Two queries; a key whose catalog is gone is left out."""
    parts = {key: key.split(":") for key in keys}
    ids = {int(part[1]) for part in parts.values() if len(part) > 1 and part[1].isdecimal()}
    numbers = {part[2] for part in parts.values() if len(part) > 2}  # noqa: PLR2004 - kind, catalog, account
    catalogs = {
        str(row.pk): row for row in ConnectedCatalog.objects.select_related("account").filter(pk__in=ids)
    }
    accounts = dict(Account.objects.filter(account_id__in=numbers).values_list("account_id", "name"))
    return {
        key: " for ".join([str(catalogs[part[1]]), *(accounts.get(number, number) for number in part[2:])])
        for key, part in parts.items()
        if len(part) > 1 and part[1] in catalogs
    }
