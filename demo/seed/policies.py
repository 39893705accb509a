"""Access policies, access reviews and a break-glass access of the demo.

May run again: both are known by their keys.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.mirror.models import Table
from catalog.products.models import Domain
from demo.seed.people import find_person
from identity.accounts import Principal
from kernel.clock import now as database_now
from requests_app.access_reviews.actions import start_access_review
from requests_app.access_reviews.models import AccessReview
from requests_app.access_reviews.scope import AccessReviewScope, list_scope_grants
from requests_app.break_glass.actions import give_consent
from requests_app.break_glass.models import BreakGlassConsent
from requests_app.policies.models import PolicyVersion
from requests_app.policy_editing.actions import draft_policy, publish_policy

GLOBAL_RULES: list[dict[str, Any]] = [
    {
        "name": "long-and-outside",
        "when": {"outside": ["yes"], "days": {"least": 181}},
        "then": {"needs": [{"role": "owner"}, {"role": "steward", "step": 2}]},
    }
]
METADATA_RULES: list[dict[str, Any]] = [
    {
        "name": "metadata-at-once",
        "when": {"extent": ["metadata"], "outside": ["no"], "days": {"most": 90}},
        "then": {"automatic": True},
    }
]
OWNERS = {"treasury": "paul.richter", "insurance-data": "jonas.weber"}


def seed_policies() -> int:
    """Publish them where nobody has written any; returns how many are published."""
    if not PolicyVersion.objects.exists():
        _publish_policy("greta.sommer", None, GLOBAL_RULES, "Half a year outside the bank is a second look.")
        for domain in (
            Domain.objects.filter(owner_team__slug__in=OWNERS).select_related("owner_team").order_by("pk")
        ):
            whose = OWNERS[domain.owner_team.slug]
            _publish_policy(whose, domain, METADATA_RULES, "Names and types inside the bank need no look.")
    return PolicyVersion.objects.filter(state="published").count()


def _publish_policy(whose: str, domain: Domain | None, rules: list[dict[str, Any]], note: str) -> None:
    now, who = database_now(), find_person(whose)
    draft = draft_policy(acting_user=who, domain=domain, rules=rules, note=note, now=now)
    publish_policy(acting_user=who, version_id=draft.pk, now=now)


@dataclass(frozen=True)
class _SeededDomain:
    """Whose data is looked at anew, and who may take which table in an hour of need, confirmed by whom."""

    owner: str
    database: str
    table: str
    access_review: str
    named_person: str
    confirmer: str
    role: str
    reason: str

    @property
    def key(self) -> str:
        return f"seeded-{self.database}"


DOMAINS = (
    _SeededDomain(
        owner="clara.hofmann",
        database="investments_gold",
        table="client_positions",
        access_review="Investments, end of the year",
        named_person="ana.keller",
        confirmer="tom.brandt",
        role="bi-reporting",
        reason="When positions do not add up at the close of the day and a regulator waits for figures.",
    ),
    _SeededDomain(
        owner="jonas.weber",
        database="insurance_gold",
        table="policies",
        access_review="Insurance, end of the year",
        named_person="tom.brandt",
        confirmer="ana.keller",
        role="bi-analyst",
        reason="When a storm's damage must be told from the policies before the night's closing.",
    ),
)


def seed_reviews_and_consents() -> int:
    """Returns how many grants the access reviews ask about."""
    now = database_now()
    for row in DOMAINS:
        _seed_domain(row, now)
    keys = [row.key for row in DOMAINS]
    return sum(access_review.lines.count() for access_review in AccessReview.objects.filter(key__in=keys))


def _seed_domain(row: _SeededDomain, now: datetime) -> None:
    table = Table.objects.get(name=row.table, database__name=row.database, tombstoned_at=None)
    domain = table.database.domain
    assert domain is not None
    if not BreakGlassConsent.objects.filter(key=row.key).exists():
        _create_consent(row, domain, table, now)
    if (
        not AccessReview.objects.filter(key=row.key).exists()
        and list_scope_grants(AccessReviewScope(domain=domain), now).exists()
    ):
        start_access_review(
            acting_user=find_person(row.owner),
            name=row.access_review,
            scope=AccessReviewScope(domain=domain),
            due_at=now + timedelta(days=21),
            idempotency_key=row.key,
            now=now,
        )


def _create_consent(row: _SeededDomain, domain: Domain, table: Table, now: datetime) -> None:
    role = Principal.objects.select_related("account__team").get(name=row.role, gone_at=None)
    give_consent(
        acting_user=find_person(row.owner),
        domain=domain,
        named_person=find_person(row.named_person),
        second_person=find_person(row.confirmer),
        principal=role,
        tables=[table],
        max_hours=4,
        expires_at=now + timedelta(days=180),
        reason=row.reason,
        idempotency_key=row.key,
        now=now,
    )
