"""Registrations for tests: a domain with a producer account, an engineer of it, and what is asked for."""

from dataclasses import replace
from typing import Any

from catalog.products.models import Domain
from catalog.registrations.actions import request_registration
from catalog.registrations.content import RegistrationContent
from catalog.registrations.effects import compute_effects_hash
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.models import Registration
from decisions.actions import approve_proposal
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Membership, Person
from kernel import clock
from tests import factories

GOLD = "s3://insurance-gold/registered/"
COLUMNS = (
    {"name": "policy_id", "type": "string", "comment": "one for each policy"},
    {"name": "premium", "type": "decimal(12,2)", "comment": ""},
)
KEYS = ({"name": "day", "type": "date", "comment": ""},)


def make_engineer_person(domain: Domain) -> Person:
    """A developer of the domain's team."""
    person = factories.make_person("Dev Roth")
    factories.add_members(domain.owner_team, Membership.Role.DEVELOPER, [person])
    return person


def make_producer(account: Account, domain: Domain) -> None:
    """The account produces for the domain, below the gold location."""
    account.team, account.is_producer, account.gold_location = domain.owner_team, True, GOLD
    account.save()


def build_content(
    catalog: ConnectedCatalog, domain: Domain, engineer: Principal, /, **changes: Any
) -> RegistrationContent:
    content = RegistrationContent(
        catalog.pk, domain.pk, engineer.account_id, engineer.pk, "registered", "policies", f"{GOLD}policies/",
        COLUMNS, "Policies for the whole group.", partition_keys=KEYS, parameters={"tier": "gold"},
    )  # fmt: skip
    return replace(content, **changes)


def ask(person: Person, content: RegistrationContent) -> Registration:
    return request_registration(acting_user=person, content=content, now=clock.now())


def approve(person: Person, row: Registration, effects_hash: str | None = None) -> Registration:
    shown = compute_effects_hash(row) if effects_hash is None else effects_hash
    return approve_proposal(
        kind=REGISTRATION,
        acting_user=person,
        pk=row.pk,
        effects_hash=shown,
        comment="",
        now=clock.now(),
    )
