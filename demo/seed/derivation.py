"""A derived product whose exception is approved, and a draft that waits for the owner of its data. May run again."""

from datetime import datetime, timedelta

from django.utils import timezone

from catalog.derivation.actions import request_derivation
from catalog.derivation.evaluation import read_derivation, read_subject
from catalog.derivation.kind import DERIVATION_REQUEST
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import read_wanted_subject
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.revisions.actions import create_product, save_product_draft
from catalog.revisions.content import compute_state_digest, parse_content, read_content
from decisions.actions import approve_proposal
from demo.seed.people import find_person
from kernel.clock import now as database_now

EXCEPTED, EXCEPTED_OWNER, UPSTREAM_OWNER = "liquidity-coverage", "paul.richter", "clara.hofmann"
DRAFT_DOMAIN, DRAFT_OWNER, DRAFT_NAME = "credit-cards", "aisha.bello", "Card Accounts"
DRAFT_TABLE, DRAFT_INPUT = ("credit_cards_gold", "card_accounts"), "customer-360"
APPROVED_DAYS = 90


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
