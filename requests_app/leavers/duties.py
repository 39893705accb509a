"""What waits for a role or a person; see `identity.departures`."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from decisions.kinds import iterate_kinds
from identity.accounts import Account
from identity.departures import DESCRIBE_DUTY, DESCRIBE_OTHERS, Duty
from identity.people.models import Membership, Person, PlatformRole
from kernel.clock import Now
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.break_glass.models import BreakGlassConsent
from requests_app.leavers.vacancies import build_waiting_filter
from requests_app.review.delegation.models import Delegation


def describe_waiting(duty: Duty) -> Iterator[str]:
    """What waits just now for whoever holds the role."""
    waiting = build_waiting_filter(duty.role, duty.team)
    if waiting is not None and (
        count := RequestItem.objects.filter(waiting, state__in=OPEN_ITEM_STATES).count()
    ):
        yield ngettext("%(n)d request waits", "%(n)d requests wait", count) % {"n": count}
    others = sum(kind.count_for_role(duty.role, duty.team) for kind in iterate_kinds())
    if others:
        yield ngettext("%(n)d other decision waits", "%(n)d other decisions wait", others) % {"n": others}


def describe_role(duty: Duty) -> Iterator[str]:
    """What the role is for, where no single thing waits."""
    if duty.role == PlatformRole.Role.GOVERNANCE_ADMIN:
        yield _("is told of overdue requests, and confirms role changes")
    if duty.team is None or duty.role != Membership.Role.ACCOUNT_ADMIN:
        return
    if count := Account.objects.filter(team=duty.team).count():
        text = ngettext(
            "passes on the access of %(n)d account", "passes on the access of %(n)d accounts", count
        )
        yield text % {"n": count}


def describe_consents(person: Person) -> Iterator[str]:
    """Break-glass consents that end with the person, and delegations."""
    open_ = BreakGlassConsent.objects.filter(withdrawn_at=None, until__gt=Now())
    if count := open_.filter(granted_by=person).count():
        yield ngettext(
            "gave %(n)d break-glass consent, which is no longer valid then",
            "gave %(n)d break-glass consents, which are no longer valid then",
            count,
        ) % {"n": count}
    if count := open_.filter(Q(confirmer=person) | Q(recipient=person)).count():
        yield ngettext(
            "is named in %(n)d break-glass consent", "is named in %(n)d break-glass consents", count
        ) % {"n": count}
    delegated = Delegation.objects.filter(
        Q(owner=person) | Q(delegate=person), ended_at=None, ends_at__gt=Now()
    )
    if count := delegated.count():
        yield ngettext("is part of %(n)d delegation", "is part of %(n)d delegations", count) % {"n": count}


DESCRIBE_DUTY.extend([describe_waiting, describe_role])
DESCRIBE_OTHERS.append(describe_consents)
