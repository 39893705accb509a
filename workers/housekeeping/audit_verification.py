"""Verify the audit chain at a steady pace, and raise an alarm when it is broken."""

import logging

from django.db import transaction

from audit import clock
from audit.actions import record
from audit.verification_schedule import Outcome, verify_pass, verify_whole
from identity.people.may import READERS
from identity.people.models import Person

logger = logging.getLogger(__name__)


def verify_recent_and_slice() -> Outcome | None:
    """One pass; see `audit.verification_schedule`. What was not known yet is put on the record, logged, and told."""
    with transaction.atomic():
        outcome = verify_pass()
        if outcome:
            _raise_alarm(outcome)
    return outcome


def verify_all() -> Outcome:
    """The whole chain at once, with the same alarm."""
    with transaction.atomic():
        outcome = verify_whole()
        _raise_alarm(outcome)
    return outcome


def _raise_alarm(outcome: Outcome) -> None:
    if not outcome.found:
        return
    first = str(outcome.found[0])
    logger.critical("the audit chain is broken in %s places, first: %s", len(outcome.left), first)
    people = Person.objects.filter(platform_roles__role__in=READERS, is_active=True)
    data = {
        "people": sorted(set(people.values_list("pk", flat=True))),
        "problems": [problem.to_json() for problem in outcome.found],
        "reason": first,
    }
    record(verb="find_broken_chain", actor="engine:audit", subject="audit:chain", data=data, now=clock.now())
