"""One recertification that runs, and one standing consent for break-glass: each through its verb, once.

May run again: both are known by their keys.
"""

from datetime import datetime, timedelta

from audit.clock import now as database_now
from catalog.models import Domain, Table
from demo.seed.people import person
from identity.models import Principal
from requests_app.break_glass.actions import give_consent
from requests_app.break_glass.models import StandingConsent
from requests_app.campaigns.actions import start_campaign
from requests_app.campaigns.models import Campaign
from requests_app.campaigns.scope import Scope, grants_in

OWNER, TAKER, SECOND = "clara.hofmann", "ana.keller", "tom.brandt"
ROLE, DATABASE, TABLE = "bi-reporting", "investments_gold", "client_positions"
KEY = "seeded-01"


def seed_looking_anew() -> int:
    """Returns how many grants the campaign asks about."""
    now = database_now()
    table = Table.objects.get(name=TABLE, database__name=DATABASE, tombstoned_at=None)
    domain = table.database.domain
    assert domain is not None
    if not StandingConsent.objects.filter(key=KEY).exists():
        _consent(domain, table, now)
    if not Campaign.objects.filter(key=KEY).exists() and grants_in(Scope(domain=domain), now).exists():
        start_campaign(
            acting_user=person(OWNER),
            name="Investments, end of the year",
            scope=Scope(domain=domain),
            due_at=now + timedelta(days=21),
            key=KEY,
            now=now,
        )
    campaign = Campaign.objects.filter(key=KEY).first()
    return campaign.lines.count() if campaign else 0


def _consent(domain: Domain, table: Table, now: datetime) -> None:
    role = Principal.objects.select_related("account__team").get(name=ROLE, gone_at=None)
    give_consent(
        acting_user=person(OWNER),
        domain=domain,
        taker=person(TAKER),
        second=person(SECOND),
        principal=role,
        tables=[table],
        hours=4,
        until=now + timedelta(days=180),
        reason="When positions do not add up at the close of the day and a regulator waits for figures.",
        key=KEY,
        now=now,
    )
