"""Tables that Insurance registers: one is approved, one waits for a governance admin. May run again."""

from dataclasses import replace

from catalog.products.models import Domain
from catalog.registrations.actions import request_registration
from catalog.registrations.content import RegistrationContent
from catalog.registrations.effects import compute_effects_hash
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.models import Registration
from decisions.actions import approve_proposal
from demo.bank.accounts import GOVERNANCE, INSURANCE, REGION
from demo.seed.people import find_person
from identity.accounts import ConnectedCatalog, Principal
from kernel import clock

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
