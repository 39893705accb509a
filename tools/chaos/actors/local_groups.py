"""Account admins that change subgrants and the members of local groups."""

import random
from collections import Counter, defaultdict

from identity.accounts import Account, LocalGroup, LocalMember, Principal
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import (
    add_local_group_member,
    create_local_group,
    pass_on,
    remove_local_group_member,
)
from requests_app.grants.subgrants.plans import build_subgrant_plan
from requests_app.grants.subgrants.queries import build_passable_columns, list_account_grants
from tools.environment.people import find_account_admin

GROUP_NAMES = ("Readers", "Modellers")
MEMBER_CHANGE_SHARE = 0.2


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
