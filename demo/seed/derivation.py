"""Requests of owners that wait or were decided: derived products, tag changes, publication rules and write access."""

from datetime import datetime, timedelta

from django.utils import timezone

from catalog.derivation.actions import request_derivation
from catalog.derivation.evaluation import read_derivation, read_subject
from catalog.derivation.kind import DERIVATION_REQUEST
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import read_wanted_subject
from catalog.mirror.models import Table, TagKey
from catalog.products.models import DataProduct
from catalog.publication_rules.actions import put_publication_rules_in_force, save_publication_rules
from catalog.publication_rules.models import PublicationRules
from catalog.publication_rules.queries import compute_rules_digest
from catalog.publication_rules.rules import Rules
from catalog.revisions.actions import create_product, save_product_draft
from catalog.revisions.content import compute_state_digest, parse_content, read_content
from catalog.tag_changes.actions import propose_tag_change
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.models import TagChange
from decisions.actions import approve_proposal
from demo.bank.accounts import GOVERNANCE, INSURANCE, REGION
from demo.bank.lf_tags import TAG_VALUES
from demo.seed.accounts import DEVELOPER, ENGINEERS
from demo.seed.people import find_person
from identity.accounts import ConnectedCatalog, Principal
from kernel import clock
from kernel.clock import now as database_now
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget
from requests_app.write_access.actions import request_write_access
from requests_app.write_access.models import WriteRequest, WriteVerb

EXCEPTED, EXCEPTED_OWNER, UPSTREAM_OWNER = "liquidity-coverage", "paul.richter", "clara.hofmann"
DRAFT_DOMAIN, DRAFT_OWNER, DRAFT_NAME = "credit-cards", "aisha.bello", "Card Accounts"
DRAFT_TABLE, DRAFT_INPUT = ("credit_cards_gold", "card_accounts"), "customer-360"
APPROVED_DAYS = 90
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
RULES_GOVERNOR = "greta.sommer"
RULES = Rules(
    active_owner=True,
    description_words=5,
    required_fields=("support", "freshness_hours", "completeness_percent", "terms", "sql_example"),
    own_tables=True,
)
DATABASE, TABLE = "insurance_gold", "claims"


def seed_derivation() -> int:
    """Returns how many requests there are. Nothing before lineage."""
    now = database_now()
    if not DerivationRequest.objects.exists():
        _except(now - timedelta(days=12))
        _draft(now - timedelta(days=1))
    return DerivationRequest.objects.count()


def _except(now: datetime) -> None:
    product = DataProduct.objects.select_related("domain__owner_team").get(slug=EXCEPTED)
    if read_derivation(read_subject(product), now).is_allowed:
        return
    (request,) = request_derivation(
        acting_user=find_person(EXCEPTED_OWNER), slug=EXCEPTED, now=now,
        reason="Only the total of each entity and day leaves the table. No client can be recognized.",
    )  # fmt: skip
    approve_proposal(
        kind=DERIVATION_REQUEST, acting_user=find_person(UPSTREAM_OWNER), pk=request.pk, now=now + timedelta(hours=6),
        comment="Totals over all clients are fine, as long as each entity has more than a hundred of them.",
        terms={"ends_on": timezone.localdate(now) + timedelta(days=APPROVED_DAYS)},
    )  # fmt: skip


def _draft(now: datetime) -> None:
    owner = find_person(DRAFT_OWNER)
    database, name = DRAFT_TABLE
    table = Table.objects.filter(database__name=database, name=name, tombstoned_at=None).first()
    if table is None or DataProduct.objects.filter(name=DRAFT_NAME).exists():
        return
    product = create_product(
        acting_user=owner, domain=DRAFT_DOMAIN, name=DRAFT_NAME, owner=owner.pk, now=now,
        summary="Limit, balance and utilisation of every card account.",
    )  # fmt: skip
    said = {"tables": [table.pk], "inputs": [DataProduct.objects.get(slug=DRAFT_INPUT).pk]}
    save_product_draft(
        acting_user=owner, slug=product.slug, content=parse_content(said, read_content(product)), now=now,
        note="First version.", based_on=compute_state_digest(product, None),
    )  # fmt: skip
    if not read_derivation(read_wanted_subject(product), now).is_allowed:
        request_derivation(
            acting_user=owner, slug=product.slug, now=now,
            reason="The limit follows from the churn score, which cannot be computed back from it.",
        )  # fmt: skip


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


def seed_publication_rules() -> int:
    """Put them in force once; returns how many versions there are."""
    if not PublicationRules.objects.exists():
        person = find_person(RULES_GOVERNOR)
        note = "What consumers need to know before they request a product."
        save_publication_rules(
            acting_user=person, rules=RULES, note=note, based_on=compute_rules_digest(), now=clock.now()
        )
        put_publication_rules_in_force(acting_user=person, shown=compute_rules_digest(), now=clock.now())
    return PublicationRules.objects.count()


def seed_write_access() -> int:
    """Ask once; returns how many there are. Nothing before the sync has found the pipeline's role."""
    role = Principal.objects.filter(account__account_id=INSURANCE, name=ENGINEERS, gone_at=None).first()
    if role is not None and not WriteRequest.objects.exists():
        now = clock.now()
        request_write_access(
            acting_user=find_person(DEVELOPER),
            table_id=Table.objects.get(database__name=DATABASE, name=TABLE, tombstoned_at=None).pk,
            principal=role,
            verbs=[WriteVerb.INSERT],
            purpose="The nightly load adds the claims of the day.",
            ends_at=now + timedelta(days=180),
            now=now,
        )
    return WriteRequest.objects.count()
