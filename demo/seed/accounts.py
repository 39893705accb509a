"""The bank's AWS accounts, its two connected catalogs and its domains, as mocklake's seed makes them."""

from dataclasses import dataclass, replace

from django.db import transaction

from catalog.products.models import Domain
from catalog.registrations.actions import request_registration
from catalog.registrations.content import RegistrationContent
from catalog.registrations.effects import compute_effects_hash
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.models import Registration
from catalog.sync.models import SyncSettings
from catalog.usage.models import Trail
from decisions.actions import approve_proposal
from demo.bank.accounts import (
    ACCOUNTS,
    CATALOG_PLACES,
    DATA_ACCESS_ROLE,
    EXECUTOR_ROLE,
    GOVERNANCE,
    INSURANCE,
    OBSERVER_ROLE,
    REGION,
    REINSURANCE_REGION,
    TRAILS,
    build_queue_url,
    external_id,
)
from demo.bank.definitions import Account as BankAccount
from demo.seed.people import find_person
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Team
from kernel import clock

TEAM_OF_ACCOUNT = {
    "governance": "data-governance",
    "investments": "investments-data",
    "insurance": "insurance-data",
    "retail-banking": "retail-banking-data",
    "credit-cards": "credit-cards-data",
    "bi": "bi",
    "ml": "machine-learning",
    "executives": "executive-office",
    "ml-sandbox": "machine-learning",
    "treasury": "treasury",
    "partner": "actuary-partners",
}
ENGINEERS = "insurance-pipeline"
DEVELOPER, OWNER = "emre.aydin", "jonas.weber"
RESERVES = (
    {"name": "policy_id", "type": "string", "comment": "Policy number"},
    {"name": "holder_email", "type": "string", "comment": "Whom to write to about a claim"},
    {"name": "payout_iban", "type": "string", "comment": "Account that claims are paid to"},
    {"name": "reserve", "type": "decimal(14,2)", "comment": "What is set aside, in euro"},
    {"name": "booked_on", "type": "date", "comment": "Day of the closing"},
)
STORMS = (
    {"name": "storm_id", "type": "string", "comment": ""},
    {"name": "region", "type": "string", "comment": "Region of the bank"},
    {"name": "wind_speed", "type": "double", "comment": "Peak, in km/h"},
)


@dataclass(frozen=True)
class DomainRow:
    name: str
    line_of_business: str
    team: str
    description: str


DOMAINS = {
    "insurance": DomainRow(
        "Insurance",
        "Insurance",
        "insurance-data",
        "Policies, claims and reserves of the insurance business, from the first report to the settlement.",
    ),
    "investments": DomainRow(
        "Investments",
        "Investments",
        "investments-data",
        "Positions, trades and the performance of what clients hold with us.",
    ),
    "retail-banking": DomainRow(
        "Retail Banking",
        "Retail Banking",
        "retail-banking-data",
        "Accounts, payments and branches of private customers.",
    ),
    "credit-cards": DomainRow(
        "Credit Cards", "Credit Cards", "credit-cards-data", "Cards, spending, merchants and fraud."
    ),
    "treasury": DomainRow(
        "Treasury", "Treasury", "treasury", "Liquidity, funding and rates of the whole bank."
    ),
}


def seed_accounts() -> int:
    """Make or bring up to date accounts, catalogs and domains; returns how many accounts there are."""
    with transaction.atomic():
        teams = {team.slug: team for team in Team.objects.all()}
        for account in ACCOUNTS:
            _write_account(account, teams[TEAM_OF_ACCOUNT[account.name]])
        _write_catalog("gov", GOVERNANCE, REGION, ConnectedCatalog.Kind.GOVERNANCE)
        _write_catalog("ins-euw1", INSURANCE, REINSURANCE_REGION, ConnectedCatalog.Kind.PRODUCER)
        for slug, row in DOMAINS.items():
            words = {
                "name": row.name,
                "line_of_business": row.line_of_business,
                "description": row.description,
            }
            Domain.objects.get_or_create(slug=slug, defaults={**words, "owner_team": teams[row.team]})
    return len(ACCOUNTS)


def _write_account(account: BankAccount, team: Team) -> None:
    words = {
        "name": account.title,
        "region": REGION,
        "team": team,
        "line_of_business": account.line_of_business,
        "cost_centre": account.cost_centre,
        "environment": account.environment,
        "is_governance": account.id == GOVERNANCE,
        "is_producer": account.produces,
        "is_consumer": account.consumes,
        "gold_location": f"s3://harbour-{account.name}-gold/" if account.produces else "",
        "in_organisation": account.in_organisation,
    }
    roles = {
        "observer_role_arn": _role_arn(account.id, OBSERVER_ROLE),
        "executor_role_arn": _role_arn(account.id, EXECUTOR_ROLE),
        "external_id": external_id(account.id),
    }
    Account.objects.update_or_create(account_id=account.id, defaults=words, create_defaults=words | roles)


def _write_catalog(short_name: str, account: str, region: str, kind: ConnectedCatalog.Kind) -> None:
    words = {"region": region, "kind": kind, "location_role_arn": _role_arn(account, DATA_ACCESS_ROLE)}
    ConnectedCatalog.objects.update_or_create(
        short_name=short_name, defaults={**words, "account": Account.objects.get(account_id=account)}
    )


def _role_arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def seed_registrations() -> int:
    """Ask for both once; returns how many there are. Nothing before the sync has found the engineers' role."""
    engineer = Principal.objects.filter(account__account_id=INSURANCE, name=ENGINEERS, gone_at=None).first()
    if engineer is not None and not Registration.objects.exists():
        reserves, storms = _build_contents(engineer)
        _request(storms)
        row = _request(reserves)
        approve_proposal(
            kind=REGISTRATION,
            acting_user=find_person(OWNER),
            pk=row.pk,
            effects_hash=compute_effects_hash(row),
            comment="",
            now=clock.now(),
        )
    return Registration.objects.count()


def _build_contents(engineer: Principal) -> tuple[RegistrationContent, RegistrationContent]:
    """One below the account's gold location, and one outside it."""
    inside = RegistrationContent(
        catalog=ConnectedCatalog.objects.get(account__account_id=GOVERNANCE, region=REGION).pk,
        domain=Domain.objects.get(slug="insurance").pk,
        producer=engineer.account_id,
        engineer=engineer.pk,
        database="insurance_closing",
        table="reserves",
        location="s3://harbour-insurance-gold/reserves/",
        columns=RESERVES,
        purpose="For the yearly closing.",
    )
    outside = replace(
        inside,
        table="storms",
        location="s3://harbour-weather-delivery/storms/",
        columns=STORMS,
        purpose="To price storm damage.",
        exception_reason="The weather service delivers into its own bucket.",
    )
    return inside, outside


def _request(content: RegistrationContent) -> Registration:
    return request_registration(acting_user=find_person(DEVELOPER), content=content, now=clock.now())


def seed_change_sources() -> int:
    """What people set otherwise stays. Returns how many trails there are."""
    for row in TRAILS:
        catalog = ConnectedCatalog.objects.get(short_name=row.catalog)
        Trail.objects.get_or_create(catalog=catalog, defaults={"bucket": row.bucket})
        queue = build_queue_url(*CATALOG_PLACES[row.catalog])
        SyncSettings.objects.get_or_create(catalog=catalog, defaults={"events_queue_url": queue})
    return len(TRAILS)
