"""Writes what a plan of subgrants adds and removes. Called inside a verb."""

from datetime import datetime

from identity.people.events import record_by_person
from identity.people.models import Person
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.intents import create_subgrant_intents, end_subgrants
from requests_app.grants.subgrants.may import may_pass_on
from requests_app.grants.subgrants.models import Subgrant
from requests_app.grants.subgrants.plans import SubgrantPlan, build_subgrant_plan
from requests_app.grants.subgrants.queries import build_passable_columns


def apply_plan(plan: SubgrantPlan, person: Person, now: datetime) -> None:
    """On the record as the person's."""
    lines = [
        {"group": change.group.pk, "account_grant": change.account_grant.pk, "columns": list(change.columns)}
        for change in plan.changes
    ]
    data, account = {"lines": lines, "plan_hash": plan.compute_hash()}, plan.changes[0].group.account
    subject = f"account:{account.account_id}"
    event = record_by_person("pass_on", person, subject, data, now)
    end_subgrants([line.before for line in plan.changes if line.before], person, now)
    for line in plan.changes:
        if not line.columns:
            continue
        local = Subgrant.objects.create(
            group=line.group,
            account_grant=line.account_grant,
            columns=list(line.columns),
            granted_by=person,
            granted_at=now,
            event=event,
        )
        create_subgrant_intents(local, line.group.members.filter(removed_at=None).order_by("pk"), now)


def pass_on_as_requested(grant: Grant, now: datetime) -> None:
    """Pass all that was approved on to the group for which an admin of the account requested it.

    Where somebody else requested it, the requester is no admin any more, the group is ended, or a member would see more than it
    says, nothing is passed on: the account's admins do that on their page, where it waits.
    """
    request = grant.item.request
    group, person = request.group, request.current_requester
    if group is None or group.ended_at is not None or not may_pass_on(person, group.account):
        return
    choices = {(group.pk, grant.pk): frozenset(build_passable_columns(grant).columns)}
    plan = build_subgrant_plan(group.account, choices, now)
    if plan.changes and not plan.changes[0].overlaps:
        apply_plan(plan, person, now)
