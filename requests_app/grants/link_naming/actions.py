"""Admins of an account choose the names under which granted tables appear there."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fulfilment.intents.actions import change_link_naming
from fulfilment.intents.models import Intent
from identity.accounts import Account
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed
from lakeformation.access.table_access import TableAccess
from requests_app.access_requests.locks import lock_local_groups
from requests_app.grants.link_naming.may import may_choose_link_naming
from requests_app.grants.link_naming.queries import (
    INHERIT,
    LINK_NAMINGS,
    TABLE_LINKS,
    get_granting_catalog_id,
    list_account_intents,
    list_link_naming_choices,
)
from requests_app.grants.subgrants.queries import get_account


@transaction.atomic(durable=True)
def choose_link_naming(
    *, acting_user: Person, account_id: str, database: str, link_naming: str, now: datetime
) -> Account:
    """Have the account's tables found behind a link to their database, or each by a link of its own. `database` is
    `<catalog row>/<name>`, empty for all that nothing else is chosen for; one of them may be as the account is.

    What is granted already gets its new names first; its old ones go once these are proven. Raises NotFoundError,
    ForbiddenError; RefusedError for an unknown database or link naming, and where it is the setting already.
    """
    account = _get_locked_account(get_account(acting_user, account_id))
    require_allowed(may_choose_link_naming(acting_user, account))
    if link_naming not in (*LINK_NAMINGS, INHERIT) or (not database and link_naming == INHERIT):
        raise RefusedError(_("Choose one of the options."), "way")
    if database and database not in {
        naming_choice.key for naming_choice in list_link_naming_choices(account)
    }:
        raise RefusedError(_("Nothing in this database is granted to the account."), "database")
    chosen = {key: by_table for key, by_table in account.table_links.items() if key != database}
    if link_naming != INHERIT:
        chosen[database] = link_naming == TABLE_LINKS
    if chosen == account.table_links or (not database and chosen[""] == account.table_links.get("", False)):
        raise RefusedError(_("This is already the setting."), "way")
    account.table_links = chosen
    account.save(update_fields=["table_links"])
    moved = [pk for by_table in (False, True) for pk in _move_intents(account, by_table=by_table, now=now)]
    data = {"database": database, "way": link_naming, "moved": moved}
    record_by_person("choose_link_naming", acting_user, f"account:{account.account_id}", data, now)
    return account


def _get_locked_account(account: Account) -> Account:
    """As it is now, and no grant or subgrant to it is decided until the end of the transaction."""
    lock_local_groups(account.pk)
    return (
        Account.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=account.pk)
    )


def _move_intents(account: Account, *, by_table: bool, now: datetime) -> list[int]:
    """Change the intents that do not use this link naming yet; returns their ids."""
    theirs = [pk for pk, wants in _iterate_wanted(account) if wants == by_table]
    return [intent.pk for intent in change_link_naming(intents=theirs, by_table=by_table, now=now)]


def _iterate_wanted(account: Account) -> Iterator[tuple[int, bool]]:
    """Each intent of one table, and whether its table shall have a link of its own."""
    intent: Intent
    for intent in list_account_intents(account):
        access = intent.access
        if isinstance(access, TableAccess):
            yield intent.pk, account.uses_table_links(get_granting_catalog_id(intent), access.database)
