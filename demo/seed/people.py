"""The people of Harbour Bank and of its partner: teams, memberships, platform roles."""

from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.changes import build_membership_change
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import propose_role_change
from kernel.clock import now as database_now

MEMBER, DEVELOPER = Membership.Role.MEMBER, Membership.Role.DEVELOPER
OWNER, ADMIN = Membership.Role.DATA_OWNER, Membership.Role.ACCOUNT_ADMIN
GOVERNANCE_ADMIN = PlatformRole.Role.GOVERNANCE_ADMIN
SUPERUSER = "greta.sommer"
STEWARD, AUDITOR = PlatformRole.Role.STEWARD, PlatformRole.Role.AUDITOR
TEAMS = {
    "data-governance": "Data Governance",
    "insurance-data": "Insurance Data",
    "investments-data": "Investments Data",
    "retail-banking-data": "Retail Banking Data",
    "credit-cards-data": "Credit Cards Data",
    "treasury": "Treasury",
    "bi": "Business Intelligence",
    "machine-learning": "Machine Learning",
    "executive-office": "Executive Office",
    "actuary-partners": "Actuary Partners",
}
PROPOSER, NEW_OWNER, TEAM = "hanna.berg", "emre.aydin", "insurance-data"


@dataclass(frozen=True)
class PersonRow:
    """`email` without a domain is at the bank."""

    email: str
    name: str
    title: str
    team: str
    roles: tuple[Membership.Role, ...] = (MEMBER,)
    platform: PlatformRole.Role | None = None

    @property
    def is_external(self) -> bool:
        return "@" in self.email

    @property
    def address(self) -> str:
        return self.email if "@" in self.email else f"{self.email}@harbour.example"


PEOPLE: tuple[PersonRow, ...] = (
    PersonRow("ana.keller", "Ana Keller", "Reporting analyst", "bi"),
    PersonRow("tom.brandt", "Tom Brandt", "Head of reporting", "bi", (MEMBER, ADMIN)),
    PersonRow("priya.nair", "Priya Nair", "Machine learning engineer", "machine-learning"),
    PersonRow("felix.baum", "Felix Baum", "ML platform lead", "machine-learning", (MEMBER, ADMIN)),
    PersonRow("helena.vogt", "Helena Vogt", "Chief of staff", "executive-office"),
    PersonRow("oskar.lind", "Oskar Lind", "Executive IT", "executive-office", (MEMBER, ADMIN)),
    PersonRow("jonas.weber", "Jonas Weber", "Data owner, Insurance", "insurance-data", (OWNER,)),
    PersonRow("sabine.roth", "Sabine Roth", "Data owner, Reinsurance", "insurance-data", (OWNER, ADMIN)),
    PersonRow("emre.aydin", "Emre Aydin", "Data product developer", "insurance-data", (DEVELOPER,)),
    PersonRow("clara.hofmann", "Clara Hofmann", "Data owner, Investments", "investments-data", (OWNER, ADMIN)),
    PersonRow("marek.novak", "Marek Novak", "Data owner, Retail", "retail-banking-data", (OWNER, ADMIN)),
    PersonRow("lucia.ferri", "Lucia Ferri", "Data engineer", "retail-banking-data", (DEVELOPER,)),
    PersonRow("aisha.bello", "Aisha Bello", "Data owner, Cards", "credit-cards-data", (OWNER, ADMIN)),
    PersonRow("paul.richter", "Paul Richter", "Data owner, Treasury", "treasury", (OWNER, ADMIN)),
    PersonRow("nina.falk", "Nina Falk", "Risk analyst", "treasury"),
    PersonRow(
        "mira.okafor@actuary-partners.example", "Mira Okafor", "Consulting actuary", "actuary-partners"
    ),
    PersonRow(
        "daniel.price@actuary-partners.example", "Daniel Price", "Head of IT", "actuary-partners", (ADMIN,)
    ),
    PersonRow("greta.sommer", "Greta Sommer", "Platform owner", "data-governance", (MEMBER, ADMIN), GOVERNANCE_ADMIN),
    PersonRow("hanna.berg", "Hanna Berg", "Head of data governance", "data-governance", (MEMBER,), GOVERNANCE_ADMIN),
    PersonRow("ruth.steiner", "Ruth Steiner", "Data steward", "data-governance", (MEMBER,), STEWARD),
    PersonRow("viktor.lang", "Viktor Lang", "Internal audit", "data-governance", (MEMBER,), AUDITOR),
)  # fmt: skip


def seed_people(password: str) -> int:
    """Make whoever is missing; all sign in with `password`. Returns how many people there are."""
    with transaction.atomic():
        teams = {
            slug: Team.objects.get_or_create(slug=slug, defaults={"name": name})[0]
            for slug, name in TEAMS.items()
        }
        hashed = _hash_password(password)
        for row in PEOPLE:
            _write_person(row, teams[row.team], hashed)
    return len(PEOPLE)


def find_person(address: str) -> Person:
    """By the part of the address before the @, or the whole address."""
    return Person.objects.get(email=address if "@" in address else f"{address}@harbour.example")


def _hash_password(password: str) -> str:
    # One slow hash for all, and none when the password is still the one of the last start.
    first = Person.objects.filter(email=PEOPLE[0].address).first()
    if first and check_password(password, first.password):
        return first.password
    return make_password(password)


def _write_person(row: PersonRow, team: Team, hashed: str) -> None:
    is_root = row.email == SUPERUSER
    words = {"name": row.name, "title": row.title, "password": hashed, "is_external": row.is_external}
    found, _ = Person.objects.update_or_create(
        email=row.address, defaults={**words, "is_staff": is_root, "is_superuser": is_root}
    )
    for role in row.roles:
        Membership.objects.get_or_create(person=found, team=team, role=role)
    if row.platform:
        PlatformRole.objects.get_or_create(person=found, role=row.platform)


def seed_role_changes() -> int:
    """Propose another data owner for Insurance, once; returns how many changes there are."""
    if not RoleChange.objects.exists():
        owner = build_membership_change(
            find_person(NEW_OWNER), Team.objects.get(slug=TEAM), Membership.Role.DATA_OWNER, held=True
        )
        with transaction.atomic():
            propose_role_change(person=find_person(PROPOSER), change=owner, now=database_now())
    return RoleChange.objects.count()
