"""Accounts, with the choice of how what they are granted is found there."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from audit import clock
from audit.admin_bases import AuditedAdmin, record_edit
from identity.account_roles import set_account_roles
from identity.models import Account, Person
from requests_app.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.landing.actions import choose_landing
from requests_app.landing.choices import DATABASE, TABLES, of_account


@admin.register(Account)
class AccountAdmin(AuditedAdmin):
    """For one database alone the choice is made on the page of the account's local groups."""

    list_display = (
        "name",
        "account_id",
        "team",
        "environment",
        "is_governance",
        "is_producer",
        "is_consumer",
        "found_by",
    )
    list_filter = ("environment", "is_governance", "is_producer", "is_consumer", "in_organisation")
    search_fields = ("name", "account_id")
    actions = ("by_database_links", "by_table_links")

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Roles and ExternalId are written with the event: see `identity.account_roles`."""
        assert isinstance(obj, Account)
        super(AuditedAdmin, self).save_model(request, obj, form, change)
        event = record_edit(request, "change" if change else "add", obj, sorted(form.changed_data))
        if change and Account.KEPT_COLUMNS & set(form.changed_data):
            set_account_roles(obj, event)

    @admin.display(description="granted tables are found by")
    def found_by(self, account: Account) -> str:
        return "table links" if of_account(account) == TABLES else "database links"

    @admin.action(description="Find granted tables behind links to their databases")
    def by_database_links(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        self._choose(request, accounts, DATABASE)

    @admin.action(description="Find each granted table by a link of its own")
    def by_table_links(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        self._choose(request, accounts, TABLES)

    def _choose(self, request: HttpRequest, accounts: QuerySet[Account], way: str) -> None:
        assert isinstance(request.user, Person)
        for account in accounts:
            try:
                choose_landing(
                    acting_user=request.user,
                    account_id=account.account_id,
                    database="",
                    way=way,
                    now=clock.now(),
                )
            except (RefusedError, ForbiddenError, NotFoundError) as error:
                self.message_user(request, f"{account}: {str(error) or 'not found'}", messages.ERROR)
            else:
                self.message_user(request, f"{account}: new names are made and proven, then the old ones go.")
