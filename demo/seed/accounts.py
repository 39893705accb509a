"""The bank's AWS accounts, its two connected catalogs and its domains, as mocklake's seed makes them."""

from dataclasses import dataclass

from django.db import transaction

from catalog.products.models import Domain
from demo.bank.accounts import (
    ACCOUNTS,
    DATA_ACCESS_ROLE,
    EXECUTOR_ROLE,
    GOVERNANCE,
    INSURANCE,
    OBSERVER_ROLE,
    REGION,
    REINSURANCE_REGION,
    external_id,
)
from demo.bank.definitions import Account as BankAccount
from identity.accounts import Account, ConnectedCatalog
from identity.people.models import Team

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


@dataclass(frozen=True)
class DomainRow:
    name: str
    line_of_business: str
    team: str


DOMAINS = {
    "insurance": DomainRow("Insurance", "Insurance", "insurance-data"),
    "investments": DomainRow("Investments", "Investments", "investments-data"),
    "retail-banking": DomainRow("Retail Banking", "Retail Banking", "retail-banking-data"),
    "credit-cards": DomainRow("Credit Cards", "Credit Cards", "credit-cards-data"),
    "treasury": DomainRow("Treasury", "Treasury", "treasury"),
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
            words = {"name": row.name, "line_of_business": row.line_of_business}
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
