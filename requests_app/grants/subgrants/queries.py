"""What an account may pass on, what each local group has of it, and what was requested for a group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from fulfilment.intents.models import Intent
from identity.accounts import Account, LocalGroup, Principal
from identity.people.models import Membership, Person
from kernel.errors import NotFoundError
from lakeformation.access.table_access import TableAccess
from lakeformation.values.permissions import SELECT
from requests_app.grants.end_dates import EARLIER_ENDS
from requests_app.grants.models import Grant, build_single_table_filter
from requests_app.grants.states import GrantState
from requests_app.grants.subgrants.may import may_view_local_groups
from requests_app.grants.subgrants.models import Subgrant


def list_group_intents(account_grant: Grant) -> list[Intent] | None:
    """By which members of the group for which it was requested read it; None while nothing of it is passed on to the group.
    Two queries.
    """
    local = Subgrant.objects.filter(
        group=account_grant.item.request.group, account_grant=account_grant, ended_at=None
    ).first()
    if local is None:
        return None
    return list(Intent.objects.filter(subgrant_intent__subgrant=local, ended_at=None))


def filter_pending_subgrants(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Account grants requested for a local group and never passed on to it."""
    subgrants = Subgrant.objects.filter(group=OuterRef("item__request__group"), account_grant=OuterRef("pk"))
    asked = grants.filter(build_single_table_filter(), PASSABLE_GRANTS, state=GrantState.LIVE)
    living = asked.filter(item__request__group__isnull=False, item__request__group__ended_at=None)
    return living.exclude(Exists(subgrants))


COLUMN_CLASSES = ("public", "private", "sensitive")
UNCLASSIFIED = "unclassified"
PASSABLE_GRANTS = ~Q(intent__wanted__has_key="adoption") | Q(
    intent__wanted__adoption__companion_permissions__contains=[{"verb": SELECT, "grantable": True}]
)
"""Of account grants: all but those that were adopted from AWS, and that it holds without the option."""
ALL_CELLS = "all"
"""In place of a class: with a row filter, all cells are passed on or none."""


@dataclass(frozen=True)
class PassableColumns:
    """`columns` by class, those with none left out; names in small letters, as Lake Formation lists them.

    `partition_keys`, with their classes, come with any column.
    """

    grant: Grant
    access: TableAccess
    columns: Mapping[str, tuple[str, ...]]
    partition_keys: Mapping[str, str]

    def select_columns(self, classes: Iterable[str]) -> frozenset[str]:
        return frozenset(name for class_ in classes for name in self.columns.get(class_, ()))


def get_account(person: Person, account_id: str) -> Account:
    """NotFoundError for an account that is not there, and for who may not see its groups."""
    account = Account.objects.select_related("team").filter(account_id=account_id).first()
    if account is None or not may_view_local_groups(person, account):
        raise NotFoundError
    return account


def get_group_account(person: Person, group_id: int) -> Account:
    """The account of a local group. NotFoundError like `get_account`."""
    number = LocalGroup.objects.filter(pk=group_id).values_list("account__account_id", flat=True).first()
    return get_account(person, number or "")


def get_service_role_account(person: Person, principal_id: int) -> Account:
    """The account of a role that services assume. NotFoundError like `get_account`."""
    number = Principal.objects.filter(pk=principal_id).values_list("account__account_id", flat=True).first()
    return get_account(person, number or "")


def list_administered_accounts(person: Person) -> QuerySet[Account]:
    """Accounts that use data and whose groups the person keeps, by name."""
    teams = Membership.objects.filter(person=person, role=Membership.Role.ACCOUNT_ADMIN).values("team")
    return Account.objects.filter(is_consumer=True, team__in=teams).order_by("name")


def list_account_grants(account: Account, now: datetime) -> QuerySet[Grant]:
    """Its live account grants of which it may pass something on, by table."""
    return (
        Grant.objects.filter(principal__account=account, principal__arn=F("principal__unique_id"))
        .filter(build_single_table_filter(), PASSABLE_GRANTS, state=GrantState.LIVE, ends_at__gt=now)
        .select_related("intent", "item__product", "table__database__catalog__account")
        .annotate(**EARLIER_ENDS)
        .prefetch_related("table__columns")
        .order_by("table__database__name", "table__name", "pk")
    )


def build_passable_columns(grant: Grant) -> PassableColumns:
    """No query where the table's columns are prefetched."""
    access = grant.intent.table_access
    columns = list(grant.table.columns.all())
    data = [
        column
        for column in columns
        if not column.is_partition_key and column.name in access.grantable_columns
    ]
    keys = {
        column.name: column.classification or UNCLASSIFIED for column in columns if column.is_partition_key
    }
    if access.row_filter:
        return PassableColumns(grant, access, {ALL_CELLS: tuple(one.name.lower() for one in data)}, keys)
    by_class = {
        name: tuple(one.name.lower() for one in data if (one.classification or UNCLASSIFIED) == name)
        for name in (*COLUMN_CLASSES, UNCLASSIFIED)
    }
    return PassableColumns(grant, access, {name: found for name, found in by_class.items() if found}, keys)


def list_local_groups(account: Account) -> QuerySet[LocalGroup]:
    """Its live groups, by name."""
    return account.local_groups.filter(ended_at=None).order_by("name")


def map_subgrants(
    groups: Iterable[LocalGroup], account_grants: Sequence[Grant]
) -> dict[tuple[int, int], Subgrant]:
    """Live subgrants, by group and account grant. One query."""
    live = Subgrant.objects.filter(group__in=list(groups), account_grant__in=account_grants, ended_at=None)
    return {(one.group_id, one.account_grant_id): one for one in live}
