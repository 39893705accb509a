"""Whether a domain may register a table there: its accounts, its databases, its gold location."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.mirror.models import Database, Table
from catalog.products.models import Domain
from catalog.registrations.content import RegistrationContent
from catalog.registrations.models import Registration
from decisions.states import LIVE_STATES
from identity.accounts import Account, ConnectedCatalog, Principal
from kernel.errors import RefusedError


@dataclass(frozen=True)
class RegistrationTarget:
    """The rows that a registration's content names."""

    catalog: ConnectedCatalog
    producer: Account
    engineer: Principal


def list_producers(domain: Domain) -> list[Account]:
    """Producer accounts of the domain's own team."""
    return list(Account.objects.filter(is_producer=True, team=domain.owner_team_id).order_by("name"))


def list_engineers(domain: Domain) -> list[Principal]:
    """Roles of the domain's producer accounts that may become the engineers' role."""
    rows = Principal.objects.filter(account__in=list_producers(domain), gone_at=None, is_portal=False)
    return [
        row for row in rows.select_related("account").order_by("account__name", "name") if not row.is_account
    ]


def list_governance_catalogs() -> list[ConnectedCatalog]:
    rows = ConnectedCatalog.objects.exclude(kind=ConnectedCatalog.Kind.PRODUCER).exclude(location_role_arn="")
    return list(rows.filter(path="").select_related("account").order_by("short_name"))


def find_target(domain: Domain, content: RegistrationContent) -> RegistrationTarget:
    """RefusedError at the field that names something which is not the domain's to use."""
    catalogs = {
        governance_catalog.pk: governance_catalog for governance_catalog in list_governance_catalogs()
    }
    if content.catalog not in catalogs:
        raise RefusedError(
            _("Choose a governance catalog whose data locations can be registered."), "catalog"
        )
    producers = {producer.pk: producer for producer in list_producers(domain)}
    if content.producer not in producers:
        raise RefusedError(_("Choose a producer account of the domain's team."), "producer")
    engineers = {
        engineer.pk: engineer
        for engineer in list_engineers(domain)
        if engineer.account_id == content.producer
    }
    if content.engineer not in engineers:
        raise RefusedError(_("Choose a role of the producer account."), "engineer")
    place = RegistrationTarget(
        catalogs[content.catalog], producers[content.producer], engineers[content.engineer]
    )
    here = Registration.objects.filter(
        catalog=place.catalog, database=content.database, state__in=LIVE_STATES
    )
    if here.filter(table=content.table).exists():
        raise RefusedError(_("This table already has an open registration."), "table")
    database = Database.objects.filter(
        catalog=place.catalog, name=content.database, tombstoned_at=None
    ).first()
    made = set(here.values_list("domain", flat=True))
    is_foreign = bool(made - {domain.pk})
    if database is not None:
        is_foreign |= domain.pk not in ({database.domain_id} if database.domain_id else made)
    if is_foreign:
        raise RefusedError(
            _("The database belongs to another domain, or to none. Choose another name."), "database"
        )
    tables = Table.objects.filter(database=database, name=content.table, tombstoned_at=None)
    if database is not None and tables.exists():
        raise RefusedError(_("The catalog already has a table with this name."), "table")
    return place


def is_in_gold_location(producer: Account, location: str) -> bool:
    """Whether an S3 URI lies in the account's gold location. An account without one has none."""
    gold = producer.gold_location.rstrip("/")
    return bool(gold) and (location.rstrip("/") + "/").startswith(f"{gold}/")


def describe_outside(gold: str) -> str:
    """Why a location needs an exception."""
    if not gold:
        return _(
            "The producer account has no gold location yet. Give a reason for an exception; a governance admin decides on it."
        )
    words = _(
        "The location is outside the gold location %(gold)s. Give a reason for an exception; a governance admin decides on it."
    )
    return words % {"gold": gold}
