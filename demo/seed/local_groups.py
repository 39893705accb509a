"""Two local groups of one account that read different columns of one account grant, each by its actions.

May run again: the request is known by its submission key, groups by their names.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from demo.seed.people import find_person
from identity.accounts import LocalGroup, Principal
from identity.people.models import Person
from kernel.clock import now as database_now
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import add_local_group_member, create_local_group, pass_on
from requests_app.grants.subgrants.plans import build_subgrant_plan
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.actions import submit_access_request
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem

ACCOUNT_ADMIN, OWNER = "tom.brandt", "clara.hofmann"
DATABASE, TABLE, PRODUCT = "investments_gold", "client_positions", "client-positions"
SUBMISSION_KEY = "account_grant-01"
GRANT_DAYS = 120
PURPOSE = "Positions for reporting and analysis; our admins say which group sees what"
GROUPS: Mapping[str, tuple[str, frozenset[str]]] = {
    "Reporting": ("bi-reporting", frozenset({"public"})),
    "Analysts": ("bi-analyst", frozenset({"public", "private"})),
}
"""By name, the role that is in it, and the classes that it sees."""


def seed_local_groups() -> int:
    """Request for the account, approve it, pass it on; returns how many groups there are."""
    now = database_now()
    if not Grant.objects.filter(item__request__idempotency_key=SUBMISSION_KEY).exists():
        _approve(_submit_request(now), now)
    account_grant = Grant.objects.get(item__request__idempotency_key=SUBMISSION_KEY)
    if not LocalGroup.objects.exists():
        _create_subgrants(account_grant, now)
    return LocalGroup.objects.filter(ended_at=None).count()


def _submit_request(now: datetime) -> RequestItem:
    table = Table.objects.get(name=TABLE, database__name=DATABASE, tombstoned_at=None)
    whole = _get_account_principal()
    columns = tuple(table.columns.order_by("position").values_list("name", flat=True))
    request = submit_access_request(
        acting_user=find_person(ACCOUNT_ADMIN),
        details=Recipient(whole).build_details({"purpose": PURPOSE}, now + timedelta(days=GRANT_DAYS)),
        items=[RequestedItem(table.pk, columns, False, DataProduct.objects.get(slug=PRODUCT).pk)],
        idempotency_key=SUBMISSION_KEY,
        now=now,
    )
    return request.items.get()


def _get_account_principal() -> Principal:
    """The account is the one in which the groups' roles are."""
    role = Principal.objects.select_related("account").get(name="bi-reporting", gone_at=None)
    return Principal.objects.select_related("account__team").get(arn=role.account.account_id)


def _approve(item: RequestItem, now: datetime) -> None:
    shown = compute_item_approval_hash(item)
    approve_item(acting_user=find_person(OWNER), item_id=item.pk, effects_hash=shown, comment="", now=now)


def _create_subgrants(account_grant: Grant, now: datetime) -> None:
    account, admin = account_grant.principal.account, find_person(ACCOUNT_ADMIN)
    choices = {
        (_create_group(account.account_id, admin, name, role, now), account_grant.pk): classes
        for name, (role, classes) in GROUPS.items()
    }
    pass_on(
        acting_user=admin,
        account_id=account.account_id,
        choices=choices,
        plan_hash=build_subgrant_plan(account, choices, now).compute_hash(),
        now=now,
    )


def _create_group(account_id: str, admin: Person, name: str, role: str, now: datetime) -> int:
    group = create_local_group(acting_user=admin, account_id=account_id, name=name, now=now)
    arn = f"arn:aws:iam::{account_id}:role/{role}"
    add_local_group_member(acting_user=admin, account_id=account_id, group_id=group.pk, arn=arn, now=now)
    return group.pk
