"""Policies of the demo: for all domains, and those by which two domains approve at once. May run again."""

from typing import Any

from catalog.products.models import Domain
from demo.seed.people import find_person
from kernel.clock import now as database_now
from requests_app.policies.models import PolicyVersion
from requests_app.policy_editing.actions import draft_policy, publish_policy

GLOBAL_RULES: list[dict[str, Any]] = [
    {
        "name": "long-and-outside",
        "when": {"outside": ["yes"], "days": {"least": 181}},
        "then": {"needs": [{"role": "owner"}, {"role": "steward", "step": 2}]},
    }
]
METADATA_RULES: list[dict[str, Any]] = [
    {
        "name": "metadata-at-once",
        "when": {"extent": ["metadata"], "outside": ["no"], "days": {"most": 90}},
        "then": {"automatic": True},
    }
]
OWNERS = {"treasury": "paul.richter", "insurance-data": "jonas.weber"}


def seed_policies() -> int:
    """Publish them where nobody has written any; returns how many are published."""
    if not PolicyVersion.objects.exists():
        _publish_policy("greta.sommer", None, GLOBAL_RULES, "Half a year outside the bank is a second look.")
        for domain in (
            Domain.objects.filter(owner_team__slug__in=OWNERS).select_related("owner_team").order_by("pk")
        ):
            whose = OWNERS[domain.owner_team.slug]
            _publish_policy(whose, domain, METADATA_RULES, "Names and types inside the bank need no look.")
    return PolicyVersion.objects.filter(state="published").count()


def _publish_policy(whose: str, domain: Domain | None, rules: list[dict[str, Any]], note: str) -> None:
    now, who = database_now(), find_person(whose)
    draft = draft_policy(acting_user=who, domain=domain, rules=rules, note=note, now=now)
    publish_policy(acting_user=who, version_id=draft.pk, now=now)
