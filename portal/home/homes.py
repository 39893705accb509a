"""The home of each job: one table of jobs and the panels that they need, in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from identity.people.may import get_all_roles
from identity.people.models import Membership, Person, PlatformRole
from portal.home import figures, panels
from portal.home.panels import Panel

AWAITED = Panel("waiting", panels.load_waiting_always)
"""For jobs that decide: says so where nothing waits."""
WAITING = Panel("waiting", panels.load_waiting)
ATTENTION = Panel("attention", panels.load_attention)
PRODUCTS = Panel("products", panels.load_products)
FINDINGS = Panel("findings", panels.load_findings)
DECISIONS = Panel("decisions", panels.load_decisions)
ACCOUNTS = Panel("accounts", panels.load_accounts)
SENT = Panel("sent", panels.load_sent)
ACCESS = Panel("access", panels.load_access)
CHANGES = Panel("notifications", panels.load_changes)
BREACHES = Panel("breaches", panels.load_breaches)
QUESTIONS = Panel("questions", panels.load_questions)
ENDING = Panel("ending", panels.load_ending)
FOLLOWS = Panel("follows", panels.load_follows)
NEW_PRODUCTS = Panel("new_products", panels.load_new_products)


class Job(StrEnum):
    """What somebody comes for. A person may have several; everybody is a consumer."""

    GOVERNOR = "governor"
    AUDITOR = "auditor"
    STEWARD = "steward"
    PRIVACY = "privacy"
    OWNER = "owner"
    DEVELOPER = "developer"
    ACCOUNT_ADMIN = "account_admin"
    CONSUMER = "consumer"


@dataclass(frozen=True)
class Home:
    """`main` are the panels of the wide column, `aside` those beside it."""

    main: Sequence[Panel]
    aside: Sequence[Panel]


HOMES = {
    Job.GOVERNOR: Home((AWAITED, ATTENTION, DECISIONS), (figures.GRANTS, BREACHES)),
    Job.AUDITOR: Home((ATTENTION, DECISIONS), (figures.DRIFT, BREACHES)),
    Job.STEWARD: Home((AWAITED, FINDINGS), (figures.FINDINGS, BREACHES)),
    Job.PRIVACY: Home((AWAITED,), (figures.DECISION_TIME, BREACHES)),
    Job.OWNER: Home((AWAITED, PRODUCTS, SENT), (BREACHES, figures.DECISION_TIME, QUESTIONS)),
    Job.DEVELOPER: Home((AWAITED, PRODUCTS, SENT), (BREACHES, figures.READS, QUESTIONS)),
    Job.ACCOUNT_ADMIN: Home((AWAITED, ACCOUNTS, SENT), (figures.ACCOUNT_GRANTS,)),
    Job.CONSUMER: Home(
        (WAITING, ACCESS, SENT, CHANGES), (BREACHES, ENDING, FOLLOWS, figures.WAITING_TIME, NEW_PRODUCTS)
    ),
}
TEAM_JOBS = {
    Membership.Role.DATA_OWNER: Job.OWNER,
    Membership.Role.DEVELOPER: Job.DEVELOPER,
    Membership.Role.ACCOUNT_ADMIN: Job.ACCOUNT_ADMIN,
}
PLATFORM_JOBS = {
    PlatformRole.Role.GOVERNANCE_ADMIN: Job.GOVERNOR,
    PlatformRole.Role.AUDITOR: Job.AUDITOR,
    PlatformRole.Role.STEWARD: Job.STEWARD,
    PlatformRole.Role.PRIVACY: Job.PRIVACY,
}


def list_jobs(person: Person) -> list[Job]:
    """In the order in which their panels come."""
    held, platform_roles = get_all_roles(person)
    jobs = {TEAM_JOBS.get(Membership.Role(role)) for _team, role in held}
    jobs |= {PLATFORM_JOBS.get(PlatformRole.Role(role)) for role in platform_roles}
    return [job for job in Job if job in jobs or job is Job.CONSUMER]


def combine_homes(jobs: Sequence[Job]) -> Home:
    """The panels of all the jobs; of those with one name, such as the figures, the first."""
    homes = [HOMES[job] for job in jobs]
    return Home(
        _keep_first(panel for home in homes for panel in home.main),
        _keep_first(panel for home in homes for panel in home.aside),
    )


def _keep_first(listed: Iterable[Panel]) -> list[Panel]:
    kept: dict[str, Panel] = {}
    for panel in listed:
        kept.setdefault(panel.name, panel)
    return list(kept.values())
