"""What an account may pass on, what each local group has of it, and what was requested for a group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from fulfilment.intents.models import Intent
from identity.accounts.models import Account, LocalGroup
from identity.errors import NotFoundError
from identity.people.models import Membership, Person
from lakeformation.access.access import Access
from lakeformation.values.permissions import SELECT
from requests_app.grants.models import GRANT_OF_ONE_TABLE, Grant
from requests_app.grants.states import GrantState
from requests_app.grants.subgrants.may import may_view_groups
from requests_app.grants.subgrants.models import LocalGrant


def held_by_its_group(envelope: Grant) -> list[Intent] | None:
    """By which members of the group for which it was asked read it; None while nothing of it is passed on to the group.
    Two queries.
    """
    local = LocalGrant.objects.filter(
        group=envelope.item.request.group, envelope=envelope, ended_at=None
    ).first()
    if local is None:
        return None
    return list(Intent.objects.filter(local_hold__local_grant=local, ended_at=None))


def left_to_pass_on(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Those of them; what was passed on once, and taken back, is not among them."""
    given = LocalGrant.objects.filter(group=OuterRef("item__request__group"), envelope=OuterRef("pk"))
    asked = grants.filter(GRANT_OF_ONE_TABLE, MAY_BE_PASSED_ON, state=GrantState.LIVE)
    living = asked.filter(item__request__group__isnull=False, item__request__group__ended_at=None)
    return living.exclude(Exists(given))


CLASSES = ("public", "private", "sensitive")
UNCLASSIFIED = "unclassified"
MAY_BE_PASSED_ON = ~Q(intent__wanted__has_key="adopted") | Q(
    intent__wanted__beside__contains=[{"verb": SELECT, "grantable": True}]
)
"""Of envelopes: all but those that were adopted from AWS, and that it holds without the option."""
ALL_CELLS = "all"
"""In place of a class: of a row rule all cells are passed on or none."""


@dataclass(frozen=True)
class Offered:
    """`columns` by class, those with none left out; names in small letters, as Lake Formation lists them.

    `keys` are the partition keys with their classes: they come with any column.
    """

    grant: Grant
    access: Access
    columns: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, str]

    def of_classes(self, classes: Iterable[str]) -> frozenset[str]:
        return frozenset(name for one in classes for name in self.columns.get(one, ()))


def account_for(person: Person, account_id: str) -> Account:
    """NotFoundError for an account that is not there, and for who may not see its groups."""
    found = Account.objects.select_related("team").filter(account_id=account_id).first()
    if found is None or not may_view_groups(person, found):
        raise NotFoundError
    return found


def administered_by(person: Person) -> QuerySet[Account]:
    """Accounts that use data and whose groups the person keeps, by name."""
    teams = Membership.objects.filter(person=person, role=Membership.Role.ACCOUNT_ADMIN).values("team")
    return Account.objects.filter(is_consumer=True, team__in=teams).order_by("name")


def envelopes_of(account: Account, now: datetime) -> QuerySet[Grant]:
    """Its live envelopes of which it may pass something on, by table."""
    return (
        Grant.objects.filter(principal__account=account, principal__arn=F("principal__unique_id"))
        .filter(GRANT_OF_ONE_TABLE, MAY_BE_PASSED_ON, state=GrantState.LIVE, ends_at__gt=now)
        .select_related("intent", "item__product", "table__database__catalog__account")
        .prefetch_related("table__columns")
        .order_by("table__database__name", "table__name", "pk")
    )


def offered(grant: Grant) -> Offered:
    """No query where the table's columns are prefetched."""
    access = grant.intent.access
    columns = list(grant.table.columns.all())
    data = [one for one in columns if not one.is_partition_key and one.name in access.passable]
    keys = {one.name: one.classification or UNCLASSIFIED for one in columns if one.is_partition_key}
    if access.row_rule:
        return Offered(grant, access, {ALL_CELLS: tuple(one.name.lower() for one in data)}, keys)
    by_class = {
        name: tuple(one.name.lower() for one in data if (one.classification or UNCLASSIFIED) == name)
        for name in (*CLASSES, UNCLASSIFIED)
    }
    return Offered(grant, access, {name: found for name, found in by_class.items() if found}, keys)


def groups_of(account: Account) -> QuerySet[LocalGroup]:
    """Its live groups, by name."""
    return account.local_groups.filter(ended_at=None).order_by("name")


def passed_on(groups: Iterable[LocalGroup], envelopes: Sequence[Grant]) -> dict[tuple[int, int], LocalGrant]:
    """What lives of it, by group and envelope. One query."""
    live = LocalGrant.objects.filter(group__in=list(groups), envelope__in=envelopes, ended_at=None)
    return {(one.group_id, one.envelope_id): one for one in live}
