"""Rules of approval of the demo: one for all domains, and one by which Treasury says yes at once. May run again."""

from typing import Any

from audit.clock import now as database_now
from catalog.models import Domain
from demo.seed.people import person
from requests_app.models import PolicyVersion
from requests_app.rules.actions import draft_policy, put_policy_in_force

EVERYWHERE: list[dict[str, Any]] = [
    {
        "name": "long-and-outside",
        "when": {"outside": ["yes"], "days": {"least": 181}},
        "then": {"needs": [{"role": "owner"}, {"role": "steward", "step": 2}]},
    }
]
TREASURY: list[dict[str, Any]] = [
    {
        "name": "metadata-at-once",
        "when": {"extent": ["metadata"], "outside": ["no"], "days": {"most": 90}},
        "then": {"automatic": True},
    }
]


def seed_rules() -> int:
    """Put them in force where nobody has written any; returns how many policies are."""
    if not PolicyVersion.objects.exists():
        treasury = Domain.objects.filter(owner_team__slug="treasury").order_by("pk").first()
        _in_force("greta.sommer", None, EVERYWHERE, "Half a year outside the bank is a second look.")
        if treasury is not None:
            _in_force("paul.richter", treasury, TREASURY, "Names and types inside the bank need no look.")
    return PolicyVersion.objects.filter(state="in_force").count()


def _in_force(whose: str, domain: Domain | None, rules: list[dict[str, Any]], note: str) -> None:
    now, who = database_now(), person(whose)
    draft = draft_policy(acting_user=who, domain=domain, rules=rules, note=note, now=now)
    put_policy_in_force(acting_user=who, version_id=draft.pk, now=now)
