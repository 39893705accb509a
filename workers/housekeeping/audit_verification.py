"""Verifies the audit chain, and raises an alarm when it is broken."""

import logging

from django.db import transaction

from audit.actions import record_event
from audit.verification_schedule import VerificationResult, run_verification_pass, verify_full_chain
from identity.people.may import READ_ALL_ROLES
from identity.people.models import Person
from kernel import clock

logger = logging.getLogger(__name__)


def verify_recent_and_slice() -> VerificationResult | None:
    """One pass; see `audit.verification_schedule`. New problems are recorded and logged, and readers are notified."""
    with transaction.atomic():
        outcome = run_verification_pass()
        if outcome:
            _raise_alarm(outcome)
    return outcome


def verify_whole_chain() -> VerificationResult:
    """The whole chain at once, with the same alarm."""
    with transaction.atomic():
        outcome = verify_full_chain()
        _raise_alarm(outcome)
    return outcome


def _raise_alarm(outcome: VerificationResult) -> None:
    if not outcome.new_problems:
        return
    first = str(outcome.new_problems[0])
    logger.critical("the audit chain is broken in %s places, first: %s", len(outcome.problems), first)
    people = Person.objects.filter(platform_roles__role__in=READ_ALL_ROLES, is_active=True)
    data = {
        "people": sorted(set(people.values_list("pk", flat=True))),
        "problems": [problem.to_json() for problem in outcome.new_problems],
        "reason": first,
    }
    record_event(
        verb="find_broken_chain", actor="engine:audit", subject="audit:chain", data=data, now=clock.now()
    )
