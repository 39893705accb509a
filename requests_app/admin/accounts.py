"""Accounts, with the choice of how granted tables are named there."""
# ruff: noqa: ARG002 - Django names the arguments

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from identity.accounts import Account
from identity.admin.bases import ProposalAdmin
from identity.people.models import Person
from identity.role_changes.changes import ACCOUNT_FIELDS, ProposedRoleChange, build_account_change
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import DATABASE_LINK, TABLE_LINKS, get_account_link_naming


@admin.register(Account)
class AccountAdmin(ProposalAdmin):
    """For one database alone the choice is made on the page of the account's local groups. Accounts join on the page
    for it; another team or role for one is proposed.
    """

    guarded_attributes = ACCOUNT_FIELDS

    list_display = (
        "name",
        "account_id",
        "team",
        "environment",
        "is_governance",
        "is_producer",
        "is_consumer",
        "link_naming_label",
    )
    list_filter = ("environment", "is_governance", "is_producer", "is_consumer", "in_organisation")
    search_fields = ("name", "account_id", "team__name")
    ordering = ("name",)
    autocomplete_fields = ("team",)
    list_select_related = ("team",)
    actions = ("use_database_links", "use_table_links")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False

    def build_change(
        self, row: Account, new_values: Mapping[str, Any], old_values: Mapping[str, Any]
    ) -> ProposedRoleChange:
        return build_account_change(row, new_values, old_values)

    @admin.display(description="granted tables appear through")
    def link_naming_label(self, account: Account) -> str:
        return "table links" if get_account_link_naming(account) == TABLE_LINKS else "database links"

    @admin.action(description="Show granted tables through links to their databases")
    def use_database_links(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        self._choose_link_naming(request, accounts, DATABASE_LINK)

    @admin.action(description="Show each granted table through its own link")
    def use_table_links(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        self._choose_link_naming(request, accounts, TABLE_LINKS)

    def _choose_link_naming(
        self, request: HttpRequest, accounts: QuerySet[Account], link_naming: str
    ) -> None:
        assert isinstance(request.user, Person)
        for account in accounts:
            try:
                choose_link_naming(
                    acting_user=request.user,
                    account_id=account.account_id,
                    database="",
                    link_naming=link_naming,
                    now=clock.now(),
                )
            except (RefusedError, ForbiddenError, NotFoundError) as error:
                self.message_user(request, f"{account}: {str(error) or 'not found'}", messages.ERROR)
            else:
                self.message_user(
                    request,
                    f"{account}: the new names are created and proven, then the old ones are removed.",
                )
