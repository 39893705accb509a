"""Timed work on the marketplace's own rows: sealing and verifying the audit chain, expiry, reminders, leavers, and deletion of old rows. It never calls AWS."""

import logging

from django.db import connections, transaction

from audit.actions import record_event, seal_pending
from audit.verification import VerificationResult, run_verification_pass, verify_full_chain
from background.health import delete_stale_task_health
from background.task_failures import delete_old_failures
from background.tasks import ErrorCollector
from background.worker_processes import delete_lost_processes
from catalog.change_feed import delete_old_changes
from catalog.derivation.actions import expire_derivation
from catalog.derivation.warnings import list_expired_requests, warn_of_derivations
from catalog.freshness import delete_old_days
from catalog.lineage.models import delete_old_lineage
from catalog.mesh.models import delete_old_searches
from catalog.quality.models import delete_old_quality
from catalog.usage.recording import delete_old_usage
from fulfilment.intents.actions import wake_scope
from identity.people.may import READ_ALL_ROLES
from identity.people.models import Person
from identity.service_tokens import end_left_service_token, list_left_service_tokens
from kernel import clock
from kernel.clock import now as database_now
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from requests_app.data_queries import retention as data_queries
from requests_app.grants.actions import expire_grant
from requests_app.grants.expiry_warnings import list_unwarned_grants, warn_expiry
from requests_app.grants.may import may_warn_expiry
from requests_app.leavers import actions as leavers_actions
from requests_app.leavers.actions import report_departure
from requests_app.leavers.queries import list_unreported_items
from requests_app.notifications import retention
from requests_app.recreated_tables.found_tables import open_decisions
from requests_app.review.sla.actions import record_overdue_step
from requests_app.review.sla.models import OverdueStep
from requests_app.review.sla.queries import list_overdue_items
from requests_app.table_credentials.progress import erase_uncollected_secrets


def delete_old_rows() -> None:
    """Delete by age: rows that people read, secrets, queries, notifications, mails, deliveries, runs of lineage, unused lineage,
    quality results, freshness, usage, changes and searches without result; and rows of processes and tasks that are gone.
    """
    data_queries.erase_expired_rows(now=database_now())
    erase_uncollected_secrets(now=database_now())
    data_queries.delete_old_queries(now=database_now())
    retention.delete_old_rows(now=database_now())
    delete_old_lineage(now=database_now())
    delete_old_days(database_now())
    delete_old_quality(now=database_now())
    delete_old_usage(now=database_now())
    delete_old_changes(database_now())
    delete_old_searches(database_now())
    delete_stale_task_health()
    delete_lost_processes()
    delete_old_failures()


def seal_pending_events() -> None:
    """Seal until no event waits."""
    using = "sealer" if "sealer" in connections else "default"
    while seal_pending(using=using):
        pass


logger = logging.getLogger(__name__)


def verify_recent_and_slice() -> VerificationResult | None:
    """One pass; see `audit.verification`. New problems are recorded and logged, and readers are notified."""
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


def expire_due_grant(pk: int) -> bool:
    """Expire the grant and wake its scope; False if it is not due, mostly as another worker was first."""
    now = clock.now()
    try:
        grant = expire_grant(grant_id=pk, now=now)
        wake_scope(scope_key=grant.intent.scope_key, reason="the grant expired", now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.debug("grant %s was not expired: %s", pk, error)
        return False
    return True


def warn_of_expiry(pk: int) -> bool:
    """Warn once of a grant that ends soon; False if nobody is to be warned of it."""
    now = clock.now()
    grant = list_unwarned_grants(now).filter(pk=pk).first()
    if grant is None or not may_warn_expiry(grant, now):
        return False
    try:
        warn_expiry(grant_id=pk, now=now)
    except (ForbiddenError, NotFoundError) as error:
        logger.info("grant %s was not warned of: %s", pk, error)
        return False
    return True


REMINDER_BATCH = 100


def remind_of_overdue_items() -> int:
    """Each in its own transaction; returns how many."""
    now, count, faults = clock.now(), 0, ErrorCollector()
    for step in OverdueStep.Step:
        for pk in list_overdue_items(step, now).values_list("pk", flat=True)[:REMINDER_BATCH]:
            with faults.collect(f"the reminder of item {pk}"):
                count += record_overdue_step(item_id=pk, step=step, now=now)
    faults.raise_first()
    return count


def find_recreated_tables() -> int:
    """Each in its own transaction; returns how many decisions were opened, made by a rule, or closed."""
    return open_decisions(clock.now())


def check_derivations() -> int:
    """Each in its own transaction; returns how many approvals expired and of how many products owners were warned."""
    now = clock.now()
    expired = sum(expire_derivation(request_id=pk, now=now) for pk in list_expired_requests(now))
    return expired + warn_of_derivations(now)


DEPARTURE_BATCH = 500


def report_departures() -> int:
    """Each in its own transaction; returns how many."""
    now = clock.now()
    untold = list_unreported_items().order_by("pk").values_list("pk", flat=True)
    left = list_left_service_tokens().order_by("pk").values_list("pk", flat=True)
    ended = sum(end_left_service_token(token_id=pk, now=now) for pk in list(left[:DEPARTURE_BATCH]))
    return ended + sum(report_departure(item_id=pk, now=now) for pk in list(untold[:DEPARTURE_BATCH]))


def report_vacancies() -> int:
    """In one transaction; returns how many are new."""
    return leavers_actions.report_vacancies(now=clock.now())
