"""What the bank's LF-Tag keys mean, and a proposal of its steward that waits for a data owner. May run again."""

from catalog.mirror.models import TagKey
from catalog.tag_changes.actions import propose_tag_change
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.models import TagChange
from decisions.actions import approve_proposal
from demo.bank.accounts import GOVERNANCE, REGION
from demo.bank.lf_tags import TAG_VALUES
from demo.seed.people import find_person
from identity.accounts import ConnectedCatalog
from kernel import clock
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget

STEWARD, GOVERNOR = "ruth.steiner", "greta.sommer"
MEANINGS = {
    "producing_lob": "The line of business that makes the data and answers for it",
    "consuming_lob": "The line of business that the data is made for",
    "tier": "How far the data is prepared: raw, cleaned, or ready for use",
    "confidentiality": "Who may read the data without a decision of its owner",
    "cost_centre": "Who pays for storing the data",
    "environment": "Whether real business depends on it",
    "region": "The AWS region in which the data lies",
}
VALUE_MEANINGS = {
    ("confidentiality", "public"): "Everybody in the bank",
    ("confidentiality", "private"): "Whoever has a purpose",
    ("confidentiality", "sensitive"): "Says something about a person; only with a reason for each column",
}
AMOUNTS = ("claimed_amount", "paid_amount")


def seed_tag_changes() -> int:
    """Propose both once; returns how many there are. Nothing before the sync has read the keys."""
    catalog = ConnectedCatalog.objects.get(account__account_id=GOVERNANCE, region=REGION)
    if TagKey.objects.filter(catalog=catalog).exists() and not TagChange.objects.exists():
        meant = propose_tag_change(
            acting_user=find_person(STEWARD), catalog=catalog, assignments=(), definitions=_build_definitions(),
            reason="So that everybody reads the same in them.", now=clock.now(),
        )  # fmt: skip
        approve_proposal(
            kind=TAG_CHANGE,
            acting_user=find_person(GOVERNOR),
            pk=meant.pk,
            effects_hash=meant.effects_hash,
            comment="",
            now=clock.now(),
        )
        propose_tag_change(
            acting_user=find_person(STEWARD),
            catalog=catalog,
            assignments=[
                TagAssignment(TagTarget("insurance_gold", "claims", name), "confidentiality", "sensitive")
                for name in AMOUNTS
            ],
            reason="With the diagnosis beside them, amounts tell about a person's health.",
            now=clock.now(),
        )
    return TagChange.objects.count()


def _build_definitions() -> list[TagDefinition]:
    return [
        TagDefinition(
            key,
            TAG_VALUES[key],
            (("", meaning), *((value, text) for (of, value), text in VALUE_MEANINGS.items() if of == key)),
        )
        for key, meaning in MEANINGS.items()
    ]
