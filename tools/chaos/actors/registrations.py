"""A producer that registers tables and ends registrations, and what AWS then has to hold."""

import random
from collections.abc import Iterator

from catalog.products.models import Domain
from catalog.registrations.actions import request_registration
from catalog.registrations.content import RegistrationContent
from catalog.registrations.effects import compute_effects_hash
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.models import Registration
from decisions.actions import approve_proposal, end_proposal
from decisions.states import DecisionState
from demo.bank.accounts import GOVERNANCE, INSURANCE, REGION
from demo.seed.people import find_person
from identity.accounts import Account, ConnectedCatalog, Principal
from kernel import clock

ENGINEERS = "insurance-pipeline"
DEVELOPER, OWNER = "emre.aydin", "jonas.weber"
DATABASES = ("insurance_landing", "insurance_serving")
TYPES = ("string", "bigint", "date", "decimal(12,2)")
END_SHARE = 0.2
MAX_COLUMNS = 12


class RegistrationActor:
    """`step` registers a table of one of two new databases, or ends a registration."""

    def __init__(self, seed: int, registrations: int) -> None:
        self._picks = random.Random(f"registrations-{seed}")
        self._registrations = registrations
        self.engineer = Principal.objects.select_related("account").get(
            account__account_id=INSURANCE, name=ENGINEERS, gone_at=None
        )
        self._catalog = ConnectedCatalog.objects.get(account__account_id=GOVERNANCE, region=REGION)
        self._domain = Domain.objects.get(slug="insurance")
        self._gold = Account.objects.get(account_id=INSURANCE).gold_location.rstrip("/")
        self.made_count = 0
        self.ended_count = 0

    @property
    def is_done(self) -> bool:
        return self.made_count >= self._registrations

    def step(self) -> None:
        approved = list(Registration.objects.filter(state=DecisionState.APPROVED).order_by("pk"))
        if approved and self._picks.random() < END_SHARE:
            self._end(self._picks.choice(approved))
        else:
            self._register()

    def _register(self) -> None:
        self.made_count += 1
        table = f"table_{self.made_count}"
        content = RegistrationContent(
            self._catalog.pk, self._domain.pk, self.engineer.account_id, self.engineer.pk,
            self._picks.choice(DATABASES), table, f"{self._gold}/{table}/", tuple(self._choose_columns()), "Chaos.",
        )  # fmt: skip
        row = request_registration(acting_user=find_person(DEVELOPER), content=content, now=clock.now())
        approve_proposal(kind=REGISTRATION, acting_user=find_person(OWNER), pk=row.pk, effects_hash=compute_effects_hash(row), comment="",
            now=clock.now(),
        )  # fmt: skip

    def _choose_columns(self) -> Iterator[dict[str, str]]:
        for number in range(self._picks.randint(1, MAX_COLUMNS)):
            yield {"name": f"column_{number}", "type": self._picks.choice(TYPES), "comment": ""}

    def _end(self, row: Registration) -> None:
        self.ended_count += 1
        end_proposal(
            kind=REGISTRATION,
            acting_user=find_person(OWNER),
            pk=row.pk,
            reason="Over.",
            now=clock.now(),
        )
