"""The verb by which an account's admins say how what it is granted is found there."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fulfilment.intents.actions import move_landing
from fulfilment.intents.models import Intent
from identity.accounts.models import Account
from identity.errors import RefusedError, demand
from identity.people.models import Person
from requests_app.access_requests.events import record_by_person
from requests_app.access_requests.locks import lock_local_groups
from requests_app.grants.link_naming.may import may_choose_landing
from requests_app.grants.link_naming.queries import (
    AS_THE_ACCOUNT,
    TABLES,
    WAYS,
    catalog_of,
    choices,
    granted_to,
)
from requests_app.grants.subgrants.queries import account_for


@transaction.atomic(durable=True)
def choose_landing(
    *, acting_user: Person, account_id: str, database: str, way: str, now: datetime
) -> Account:
    """Have the account's tables found behind a link to their database, or each by a link of its own. `database` is
    `<catalog row>/<name>`, empty for all that nothing else is chosen for; one of them may be as the account is.

    What is granted already gets its new names first; its old ones go once these are proven. Raises NotFoundError,
    ForbiddenError; RefusedError for another database or way, and where it is so already.
    """
    account = _locked(account_for(acting_user, account_id))
    demand(may_choose_landing(acting_user, account))
    _check(account, database, way)
    chosen = {key: by_table for key, by_table in account.table_links.items() if key != database}
    if way != AS_THE_ACCOUNT:
        chosen[database] = way == TABLES
    if chosen == account.table_links or (not database and chosen[""] == account.table_links.get("", False)):
        raise RefusedError(_("It is so already."), "way")
    account.table_links = chosen
    account.save(update_fields=["table_links"])
    moved = [pk for by_table in (False, True) for pk in _move(account, by_table=by_table, now=now)]
    data = {"database": database, "way": way, "moved": moved}
    record_by_person("choose_landing", acting_user, f"account:{account.account_id}", data, now)
    return account


def _locked(account: Account) -> Account:
    """As it is now, and no grant or passing on to it is decided until the end of the transaction."""
    lock_local_groups(account.pk)
    return (
        Account.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=account.pk)
    )


def _check(account: Account, database: str, way: str) -> None:
    if way not in (*WAYS, AS_THE_ACCOUNT) or (not database and way == AS_THE_ACCOUNT):
        raise RefusedError(_("Choose one of the ways that are offered."), "way")
    if database and database not in {one.key for one in choices(account)}:
        raise RefusedError(_("Nothing of this database is granted to the account."), "database")


def _move(account: Account, *, by_table: bool, now: datetime) -> list[int]:
    """Those that shall land this way, and do not yet."""
    theirs = [pk for pk, wants in _wanted(account) if wants == by_table]
    return [intent.pk for intent in move_landing(intents=theirs, by_table=by_table, now=now)]


def _wanted(account: Account) -> Iterator[tuple[int, bool]]:
    """Each intent of one table, and whether it shall land by a link of its own."""
    intent: Intent
    for intent in granted_to(account):
        if not intent.access.reaches_many:
            yield intent.pk, account.lands_by_table(catalog_of(intent), intent.access.database)
