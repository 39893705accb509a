"""A published offer of Insurance, for tests of requests under it."""

from dataclasses import replace
from typing import Any

from catalog.products.offers.actions import publish_offer_version, write_offer
from catalog.products.offers.drafts import OfferDraft
from catalog.products.offers.models import Offer, OfferVersion
from kernel import clock
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank


def build_draft(bank: Bank, **changes: Any) -> OfferDraft:
    """Claims without sensitive columns, to query or to look at the metadata, for ninety days, under terms."""
    plain = OfferDraft(
        name="For reporting", scope="tables", tables=(bank.claims.pk,), highest_class="private",
        uses=("query", "metadata"), longest_hours=90 * 24, terms="Name the source.",
    )  # fmt: skip
    return replace(plain, **changes)


def write_draft(bank: Bank, offer: Offer | None = None, **changes: Any) -> OfferVersion:
    by = changes.pop("by", bank.ines)
    return write_offer(
        acting_user=by, product=bank.product, domain=bank.domain, draft=build_draft(bank, **changes),
        now=clock.now(), offer_id=offer.pk if offer else None,
    )  # fmt: skip


def publish_draft(bank: Bank, offer: Offer | None = None, **changes: Any) -> OfferVersion:
    """Published by Ines."""
    version = write_draft(bank, offer, **changes)
    return publish_offer_version(acting_user=bank.ines, version_id=version.pk, now=clock.now())


def build_offer_item(bank: Bank, version: OfferVersion, **changes: Any) -> RequestedItem:
    """Two columns of claims, to query."""
    plain = RequestedItem(
        bank.claims.pk, ("claim_id", "amount"), False, bank.product.pk, offer_id=version.pk, use="query"
    )
    return replace(plain, **changes)
