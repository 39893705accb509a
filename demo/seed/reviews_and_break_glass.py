"""For two domains a recertification that runs and a standing consent for break-glass, each through its verb, once.

May run again: both are known by their keys.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.clock import now as database_now
from catalog.mirror.models import Table
from catalog.products.models import Domain
from demo.seed.people import person
from identity.accounts.models import Principal
from requests_app.access_reviews.actions import start_campaign
from requests_app.access_reviews.models import Campaign
from requests_app.access_reviews.scope import AccessReviewScope, list_scope_grants
from requests_app.break_glass.actions import give_consent
from requests_app.break_glass.models import StandingConsent


@dataclass(frozen=True)
class _Domain:
    """Whose data is looked at anew, and who may take which table in an hour of need, confirmed by whom."""

    owner: str
    database: str
    table: str
    campaign: str
    taker: str
    second: str
    role: str
    reason: str

    @property
    def key(self) -> str:
        return f"seeded-{self.database}"


DOMAINS = (
    _Domain(
        owner="clara.hofmann",
        database="investments_gold",
        table="client_positions",
        campaign="Investments, end of the year",
        taker="ana.keller",
        second="tom.brandt",
        role="bi-reporting",
        reason="When positions do not add up at the close of the day and a regulator waits for figures.",
    ),
    _Domain(
        owner="jonas.weber",
        database="insurance_gold",
        table="policies",
        campaign="Insurance, end of the year",
        taker="tom.brandt",
        second="ana.keller",
        role="bi-analyst",
        reason="When a storm's damage must be told from the policies before the night's closing.",
    ),
)


def seed_looking_anew() -> int:
    """Returns how many grants the campaigns ask about."""
    now = database_now()
    for row in DOMAINS:
        _look_anew(row, now)
    keys = [row.key for row in DOMAINS]
    return sum(campaign.lines.count() for campaign in Campaign.objects.filter(key__in=keys))


def _look_anew(row: _Domain, now: datetime) -> None:
    table = Table.objects.get(name=row.table, database__name=row.database, tombstoned_at=None)
    domain = table.database.domain
    assert domain is not None
    if not StandingConsent.objects.filter(key=row.key).exists():
        _consent(row, domain, table, now)
    if (
        not Campaign.objects.filter(key=row.key).exists()
        and list_scope_grants(AccessReviewScope(domain=domain), now).exists()
    ):
        start_campaign(
            acting_user=person(row.owner),
            name=row.campaign,
            scope=AccessReviewScope(domain=domain),
            due_at=now + timedelta(days=21),
            key=row.key,
            now=now,
        )


def _consent(row: _Domain, domain: Domain, table: Table, now: datetime) -> None:
    role = Principal.objects.select_related("account__team").get(name=row.role, gone_at=None)
    give_consent(
        acting_user=person(row.owner),
        domain=domain,
        taker=person(row.taker),
        second=person(row.second),
        principal=role,
        tables=[table],
        hours=4,
        until=now + timedelta(days=180),
        reason=row.reason,
        key=row.key,
        now=now,
    )
