"""An offer of Insurance in force, for the tests that ask under one."""

from dataclasses import replace
from typing import Any

from audit import clock
from catalog.products.offers.actions import put_offer_in_force, write_offer
from catalog.products.offers.drafts import Draft
from catalog.products.offers.models import Offer, OfferVersion
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank


def draft(bank: Bank, **changes: Any) -> Draft:
    """Claims without sensitive columns, to query or to look at the metadata, for ninety days, under terms."""
    plain = Draft(
        name="For reporting", scope="tables", tables=(bank.claims.pk,), highest_class="private",
        uses=("query", "metadata"), longest_hours=90 * 24, terms="Name the source.",
    )  # fmt: skip
    return replace(plain, **changes)


def write(bank: Bank, offer: Offer | None = None, **changes: Any) -> OfferVersion:
    by = changes.pop("by", bank.ines)
    return write_offer(
        acting_user=by, product=bank.product, domain=bank.domain, draft=draft(bank, **changes),
        now=clock.now(), offer_id=offer.pk if offer else None,
    )  # fmt: skip


def in_force(bank: Bank, offer: Offer | None = None, **changes: Any) -> OfferVersion:
    """Put in force by Ines."""
    version = write(bank, offer, **changes)
    return put_offer_in_force(acting_user=bank.ines, version_id=version.pk, now=clock.now())


def under(bank: Bank, version: OfferVersion, **changes: Any) -> RequestedItem:
    """Two columns of claims, to query."""
    plain = RequestedItem(
        bank.claims.pk, ("claim_id", "amount"), False, bank.product.pk, offer_id=version.pk, use="query"
    )
    return replace(plain, **changes)
