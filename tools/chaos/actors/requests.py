"""People who request, approve and revoke access, in an order determined by the seed; and what others do meanwhile."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, TypedDict

from catalog.mirror.models import Table
from demo.bank.accounts import ACCOUNTS, EXECUTOR_ROLE, GOVERNANCE
from demo.bank.lf_tags import TAG_VALUES
from identity.accounts import Account, LocalGroup, LocalMember, Principal
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import DATABASE_LINK, TABLE_LINKS
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.grants.subgrants.actions import (
    add_local_group_member,
    create_local_group,
    pass_on,
    remove_local_group_member,
)
from requests_app.grants.subgrants.plans import build_subgrant_plan
from requests_app.grants.subgrants.queries import build_passable_columns, list_account_grants
from requests_app.targets.requested_item import RequestedItem
from tools.chaos.compare.observed_access import list_permission_rows
from tools.environment.people import (
    approve,
    find_account_admin,
    request_by_tags,
    request_database,
    request_table,
    revoke,
)
from tools.environment.worker_environment import CATALOGS, WorkerEnvironment

ROLE_PREFIX = "chaos-reader"
ROLES_PER_ACCOUNT = 3
MAX_TABLES = 10
"""Few roles and tables, so that grants overlap on the same pair."""
LINK_NAMING_UNTIL = 0.75
"""Link naming changes up to this share of the requests: it renews each grant of an account, call by call."""
SHORT_DURATION, LONG_DURATION = timedelta(days=2), timedelta(days=60)
CLOCK_STEP = timedelta(days=3)
WHOLE_TABLE_SHARE, SHORT_SHARE, REVOKE_SHARE = 0.2, 0.3, 0.3
METADATA_SHARE, ROW_FILTER_SHARE, FIRST_COLUMNS_SHARE, ALL_COLUMNS_SHARE = 0.1, 0.3, 0.3, 0.1
LF_TAGS_SHARE, DATABASE_SHARE, ACCOUNT_GRANT_SHARE, SUBGRANT_SHARE, LINK_NAMING_SHARE = (
    0.15,
    0.05,
    0.2,
    0.4,
    0.08,
)
MAX_TRIES = 20
PURPOSE = "Holds while workers are killed"
TAG_KEYS = ("producing_lob", "tier", "confidentiality", "consuming_lob")
"""Of the bank's LF-Tags. One domain answers for all that a request reaches: the first is always named."""
GROUP_NAMES = ("Readers", "Modellers")
MEMBER_CHANGE_SHARE = 0.2
Holding = tuple[str, str, str, str]
"""The owner's account and region, the receiver, and what is shared with it."""


class RequestOptions(TypedDict):
    """What every request says."""

    duration: timedelta
    purpose: str
    key: str


def create_roles(stage: WorkerEnvironment) -> None:
    """IAM roles of the run's own in every consuming account, inside and outside the organization; and its executor
    made an admin of its data lake, as it must be to pass on.
    """
    for account in (one for one in ACCOUNTS if one.consumes):
        root = f"arn:aws:iam::{account.id}:root"
        rule = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
        iam = stage.cloud.root("iam", account.id)
        for number in range(ROLES_PER_ACCOUNT):
            iam.create_role(RoleName=f"{ROLE_PREFIX}-{number}", AssumeRolePolicyDocument=trust)
        for _owner, region in CATALOGS:
            lake = stage.cloud.root("lakeformation", account.id, region)
            settings = lake.get_data_lake_settings()["DataLakeSettings"]
            executor = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account.id}:role/{EXECUTOR_ROLE}"}
            settings["DataLakeAdmins"] = [executor]
            lake.put_data_lake_settings(DataLakeSettings=settings)


def read_iam_only_tables(stage: WorkerEnvironment) -> set[tuple[str, str]]:
    """Database and name of tables that IAM alone guards: AWS refuses grants to other accounts on them."""
    rows = list_permission_rows(stage.cloud.root("lakeformation", GOVERNANCE), GOVERNANCE)
    found = [
        next(iter(row["Resource"].values()))
        for row in rows
        if row["Principal"]["DataLakePrincipalIdentifier"] == "IAM_ALLOWED_PRINCIPALS"
    ]
    return {(one.get("DatabaseName", ""), one.get("Name", "")) for one in found}


class RequestActor:
    """The people of a run: `step` has one of them do something. `changes_link_naming`: now and then an
    account's admin chooses other names for what is granted, which then is proven anew.
    """

    def __init__(
        self,
        stage: WorkerEnvironment,
        seed: int,
        requests: int,
        *,
        short_duration: timedelta = SHORT_DURATION,
        changes_link_naming: bool = True,
    ) -> None:
        self._soon = short_duration
        self._moves_until = requests * LINK_NAMING_UNTIL if changes_link_naming else 0
        self._picks = random.Random(f"asks-{seed}")
        self._requests = requests
        self.step_count = 0
        self.request_count = 0
        self.revoked_count = 0
        roles = Principal.objects.select_related("account__team").filter(
            name__startswith=ROLE_PREFIX, gone_at=None
        )
        self._roles = list(roles.order_by("arn"))
        accounts = Account.objects.filter(principals__in=self._roles).values("account_id")
        wholes = Principal.objects.select_related("account__team").filter(arn__in=accounts, gone_at=None)
        self._wholes = list(wholes.order_by("arn"))
        self._passes_columns = bool(stage.switches.get("columns_take_grant_option", True))
        self._groups = LocalGroupActor(self._picks, self._roles)
        self._landings = LinkNamingActor(self._picks, [*self._roles, *self._wholes])
        self._agreed: Counter[str] = Counter()
        tables = Table.objects.select_related("database__catalog__account").filter(
            tombstoned_at=None, database__domain__isnull=False
        )
        ordered = tables.order_by("database__catalog_id", "database__name", "name")
        open_to_all = read_iam_only_tables(stage)
        found = [table for table in ordered if (table.database.name, table.name) not in open_to_all]
        # Those of the last catalog are few: a sample would often miss them.
        last = [table for table in found if table.database.catalog_id == found[-1].database.catalog_id]
        self._tables = [*self._picks.sample(found, min(MAX_TABLES, len(found))), *last]

    @property
    def is_done(self) -> bool:
        return self.step_count >= self._requests

    def step(self) -> None:
        """One approved request, one subgrant, and now and then other link naming or a grant's end."""
        for _ in range(MAX_TRIES):
            if self._request_access():
                break
        self.step_count += 1
        if self._picks.random() < SUBGRANT_SHARE:
            self._groups.step()
        if self._picks.random() < LINK_NAMING_SHARE and self.step_count < self._moves_until:
            self._landings.step()
        if self._picks.random() < REVOKE_SHARE:
            self._revoke()

    @property
    def count_by_kind(self) -> dict[str, int]:
        """How often each kind of access was agreed to, and what became of it within accounts."""
        return dict(self._agreed + self._groups.actions + self._landings.actions)

    def _request_access(self) -> bool:
        """False where the request is refused: the role has all of it, would see everything, or its team may not find it."""
        role, lot = self._picks.choice(self._roles), self._picks.random()
        lasts = self._soon if self._picks.random() < SHORT_SHARE else LONG_DURATION
        words: RequestOptions = {
            "duration": lasts,
            "purpose": PURPOSE,
            "key": f"chaos-{self.request_count}-{self._picks.random()}",
        }
        try:
            kind = self._request_and_approve(role, lot, words)
        except (NotFoundError, RefusedError):
            return False
        self.request_count += 1
        self._agreed[kind] += 1
        return True

    def _request_and_approve(self, role: Principal, lot: float, words: RequestOptions) -> str:
        """The kind of what was asked for. RefusedError."""
        table = self._picks.choice(self._tables)
        if lot < LF_TAGS_SHARE:
            approve(request_by_tags(role, table.database.catalog, self._choose_tags(), **words))
            return "by LF-Tags"
        if lot < LF_TAGS_SHARE + DATABASE_SHARE:
            approve(request_database(role, table.database, **words))
            return "whole database"
        to = (
            self._picks.choice(self._wholes)
            if lot < LF_TAGS_SHARE + DATABASE_SHARE + ACCOUNT_GRANT_SHARE
            else role
        )
        item = self._choose_item(table, to)
        approve(request_table(to, item, **words))
        return f"{'account grant of ' if to.is_account else ''}{_describe_kind(item)}"

    def _choose_tags(self) -> dict[str, list[str]]:
        """One to three keys, each with a value or two."""
        keys = [TAG_KEYS[0], *self._picks.sample(TAG_KEYS[1:], self._picks.randint(0, 2))]
        return {
            key: self._picks.sample(TAG_VALUES[key], 1 if key == TAG_KEYS[0] else self._picks.randint(1, 2))
            for key in keys
        }

    def _choose_item(self, table: Table, to: Principal) -> RequestedItem:
        """Requests rows by name three times in ten, and the metadata alone once."""
        kind = self._picks.random()
        if kind < METADATA_SHARE:
            return RequestedItem(table.pk, (), False, None, metadata_only=True)
        rule = self._choose_row_filter(table) if kind < METADATA_SHARE + ROW_FILTER_SHARE else ""
        columns = (
            () if to.is_account and not rule and not self._passes_columns else self._choose_columns(table)
        )
        return RequestedItem(table.pk, columns, not columns, None, rule)

    def _choose_row_filter(self, table: Table) -> str:
        """One of four a table: so that filters are shared, and meet on one role."""
        names = list(table.columns.order_by("position").values_list("name", flat=True)[:2])
        return f'"{self._picks.choice(names)}" IS {self._picks.choice(["NULL", "NOT NULL"])}'

    def _choose_columns(self, table: Table) -> tuple[str, ...]:
        """Some of the data columns; none for the whole table."""
        whole = self._picks.random() < WHOLE_TABLE_SHARE
        names = list(table.columns.filter(is_partition_key=False).values_list("name", flat=True))
        some = self._picks.sample(names, self._picks.randint(1, len(names)))
        lot = self._picks.random()
        if lot < FIRST_COLUMNS_SHARE + ALL_COLUMNS_SHARE:
            some = names[:2] if lot < FIRST_COLUMNS_SHARE else names
        return () if whole else tuple(some)

    def _revoke(self) -> None:
        live = list(Grant.objects.filter(state=GrantState.LIVE, ends_at__gt=clock.now()).order_by("pk"))
        if not live:
            return
        revoke(self._picks.choice(live), "Taken back by the run")
        self.revoked_count += 1


def _describe_kind(wanted: RequestedItem) -> str:
    if wanted.metadata_only:
        return "metadata only"
    return ("whole table" if wanted.whole_table else "columns") + (
        " in some rows" if wanted.row_filter else ""
    )


class LocalGroupActor:
    """Two groups in each account, whose members are of its roles; `step` has one admin change something."""

    def __init__(self, picks: random.Random, roles: list[Principal]) -> None:
        self._picks = picks
        self._roles: dict[Account, list[Principal]] = defaultdict(list)
        for role in roles:
            self._roles[role.account].append(role)
        self.actions: Counter[str] = Counter()
        self._groups = {
            account: [self._create_group(account, name) for name in GROUP_NAMES] for account in self._roles
        }

    def step(self) -> None:
        """Where some account has something to pass on; else nothing."""
        holding = [account for account in self._roles if list_account_grants(account, clock.now()).exists()]
        if not holding:
            return
        account = self._picks.choice(holding)
        group = self._picks.choice(self._groups[account])
        if self._picks.random() < MEMBER_CHANGE_SHARE:
            self._change_member(account, group)
        else:
            self._change_subgrant(
                account, group, self._picks.choice(list(list_account_grants(account, clock.now())))
            )

    def _create_group(self, account: Account, name: str) -> LocalGroup:
        admin = find_account_admin(account)
        group = create_local_group(
            acting_user=admin, account_id=account.account_id, name=name, now=clock.now()
        )
        self._add_member(account, group, self._picks.choice(self._roles[account]))
        return group

    def _add_member(self, account: Account, group: LocalGroup, role: Principal) -> None:
        add_local_group_member(
            acting_user=find_account_admin(account), account_id=account.account_id, group_id=group.pk, arn=role.arn,
            now=clock.now(),
        )  # fmt: skip

    def _change_member(self, account: Account, group: LocalGroup) -> None:
        """Somebody leaves the group, or comes to it."""
        role = self._picks.choice(self._roles[account])
        member = LocalMember.objects.filter(group=group, arn=role.arn, removed_at=None).first()
        if member is None:
            self._add_member(account, group, role)
            self.actions["member came"] += 1
            return
        remove_local_group_member(
            acting_user=find_account_admin(account),
            account_id=account.account_id,
            member_id=member.pk,
            now=clock.now(),
        )
        self.actions["member left"] += 1

    def _change_subgrant(self, account: Account, group: LocalGroup, account_grant: Grant) -> None:
        """Some classes of the account grant, perhaps none; not where it would show more, or has ended."""
        classes = sorted(build_passable_columns(account_grant).columns)
        some = frozenset(self._picks.sample(classes, self._picks.randint(0, len(classes))))
        choices = {(group.pk, account_grant.pk): some}
        try:
            plan = build_subgrant_plan(account, choices, clock.now())
        except (NotFoundError, RefusedError):
            return
        if not plan.changes:
            return
        pass_on(
            acting_user=find_account_admin(account), account_id=account.account_id, choices=choices,
            plan_hash=plan.compute_hash(), now=clock.now(),
        )  # fmt: skip
        self.actions["passed on" if some else "no longer passed on"] += 1


def lose_shares(stage: WorkerEnvironment, seed: int) -> None:
    """One resource leaves its share, and the share of another pair is deleted, where there are two."""
    holdings = sorted(_list_holdings(stage))
    if not holdings:
        return
    lot = random.Random(f"shares-{seed}")
    account, region, receiver, resource = lot.choice(holdings)
    place = {"account": account, "region": region, "receiver": receiver}
    stage.write_line(f"{resource} leaves the share of {account} with {receiver}")
    stage.cloud.control("change", {"do": "unshare_resource", "resource": resource, **place})
    if others := sorted({holding[:3] for holding in holdings} - {(account, region, receiver)}):
        account, region, receiver = lot.choice(others)
        stage.write_line(f"The share of {account} with {receiver} is deleted")
        place = {"account": account, "region": region, "receiver": receiver}
        stage.cloud.control("change", {"do": "delete_share", **place})


def _list_holdings(stage: WorkerEnvironment) -> Iterator[Holding]:
    for account, region in CATALOGS:
        ram = stage.cloud.root("ram", account, region)
        receivers: dict[str, list[str]] = {}
        for share, receiver in _list_associations(ram, "PRINCIPAL"):
            receivers.setdefault(share, []).append(receiver)
        for share, resource in _list_associations(ram, "RESOURCE"):
            yield from ((account, region, receiver, resource) for receiver in receivers.get(share, []))


def _list_associations(ram: Any, kind: str) -> Iterator[tuple[str, str]]:
    """Shares, each with what it is associated with."""
    pages = ram.get_paginator("get_resource_share_associations").paginate(associationType=kind)
    for row in (row for page in pages for row in page["resourceShareAssociations"]):
        if row["status"] == "ASSOCIATED":
            yield row["resourceShareArn"], row["associatedEntity"]


class LinkNamingActor:
    """`step` has one account's admin turn it over: a link to each database, or one to each table."""

    def __init__(self, picks: random.Random, principals: Iterable[Principal]) -> None:
        self._picks = picks
        self._accounts: dict[str, list[Account]] = defaultdict(list)
        for principal in principals:
            self._accounts[principal.account.account_id].append(principal.account)
        self.actions: Counter[str] = Counter()

    def step(self) -> None:
        rows = self._accounts[self._picks.choice(sorted(self._accounts))]
        way = DATABASE_LINK if rows[0].table_links.get("", False) else TABLE_LINKS
        chosen = choose_link_naming(
            acting_user=find_account_admin(rows[0]),
            account_id=rows[0].account_id,
            database="",
            link_naming=way,
            now=clock.now(),
        )
        for account in rows:
            # The roles of the run were read once; what a request shows depends on their account as it is now.
            account.table_links = chosen.table_links
        self.actions[f"links to {'tables' if way == TABLE_LINKS else 'databases'} chosen"] += 1
