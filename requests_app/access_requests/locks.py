"""Locked rows of request and item, in this order, and advisory locks on forms, decisions and local groups."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from identity.accounts import Principal
from identity.people.models import Person
from kernel.advisory_locks import ACQUIRE_SHARED_SQL, AdvisoryLock, acquire_transaction_lock, format_lock_key
from kernel.errors import NotFoundError
from requests_app.access_requests.may import may_view_item
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.states import ItemState

REQUEST_ROWS = ("requester", "team")
TABLE_ROWS = ("database__catalog__account", "database__domain")
LOCK_ACCOUNT_SQL = f"SELECT table_links, {ACQUIRE_SHARED_SQL} FROM identity_account WHERE id = %s FOR SHARE"  # noqa: S608


def get_locked_item(person: Person, item_id: int, *, locks_decisions: bool = False) -> RequestItem:
    """The item with its rows, request and item locked until the end of the transaction; with `locks_decisions`, other
    decisions too (`lock_decisions`). What the person may is read after all waiting. NotFoundError.
    """
    item = get_locked_item_rows(item_id)
    if locks_decisions:
        lock_decisions(item)
    if not may_view_item(person, item):
        raise NotFoundError
    return item


def get_locked_request(request_id: int) -> AccessRequest:
    """The request with its rows, locked until the end of the transaction. NotFoundError."""
    return _lock_request(AccessRequest.objects.filter(pk=request_id))


def _lock_request(requests: QuerySet[AccessRequest]) -> AccessRequest:
    request = requests.select_for_update(of=("self",)).select_related(*REQUEST_ROWS).first()
    if request is None:
        raise NotFoundError
    request.principal = Principal.objects.select_related("account").get(pk=request.principal_id)
    return request


def get_locked_item_rows(item_id: int) -> RequestItem:
    """The item with the rows that decisions look at, request and item locked. NotFoundError."""
    # By a subquery: with items among its joins this statement was planned for longer than all others of a verb.
    of_item = RequestItem.objects.filter(pk=item_id).values("request_id")[:1]
    request = _lock_request(AccessRequest.objects.filter(pk=of_item))
    item = RequestItem.objects.select_for_update(of=("self",)).get(pk=item_id)
    item.request, item.requester = request, request.requester
    item.table = Table.objects.select_related(*TABLE_ROWS).get(pk=item.table_id)
    if item.product_id is not None and item.table.database.domain is None:
        item.product = DataProduct.objects.select_related("domain__owner_team").get(pk=item.product_id)
    return item


def lock_decisions(item: RequestItem) -> None:
    """Keep other approvals for the same principal on the same table waiting until the end of the transaction; one that
    reaches many tables keeps all of them waiting.

    Two that overlap must see each other: each alone would show less than both make true. The account's link
    naming is read again and cannot change until then, so that this grant follows its admins' choice.
    """
    principal_id, account = item.request.principal_id, item.request.principal.account
    if not item.target.is_single_table:
        acquire_transaction_lock(AdvisoryLock.APPROVAL, principal_id)
        return
    if item.request.group_id is not None:
        lock_local_groups(account.pk)
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ACCOUNT_SQL, [format_lock_key(AdvisoryLock.APPROVAL, principal_id), account.pk])
        account.table_links = json.loads(cursor.fetchone()[0])
    acquire_transaction_lock(AdvisoryLock.APPROVAL, f"{principal_id}:{item.table_id}")


def lock_write_approvals(principal_id: int, table_id: int) -> None:
    """As `lock_decisions` of one table, for write access: AWS has no partial reading beside it."""
    acquire_transaction_lock(AdvisoryLock.APPROVAL, principal_id, shared=True)
    acquire_transaction_lock(AdvisoryLock.APPROVAL, f"{principal_id}:{table_id}")


def lock_idempotency_key(person: Person, idempotency_key: str) -> None:
    """When a form is sent twice at once, the second waits until the first has ended, and so finds what it made."""
    acquire_transaction_lock(AdvisoryLock.IDEMPOTENCY_KEY, f"{person.pk}:{idempotency_key}")


def lock_local_groups(account_id: int) -> None:
    """Subgrants and link naming of an account are changed by one transaction at a time. `account_id` is the
    row's; to be taken before the row itself.
    """
    acquire_transaction_lock(AdvisoryLock.LOCAL_GROUPS, account_id)


def save_item_state(
    item: RequestItem, state: ItemState, now: datetime, extra_fields: Iterable[str] = ()
) -> None:
    """`extra_fields` are saved as well."""
    item.state, item.state_changed_at = state, now
    item.save(update_fields=["state", "state_changed_at", *extra_fields])
