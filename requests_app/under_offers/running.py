"""What was granted under an offer, and which terms were accepted for an item."""

from django.db.models import QuerySet

from catalog.products.offers.models import Offer, TermsAcceptance
from requests_app.models import Grant, Item
from requests_app.states import GrantState


def grants_under(offer: Offer) -> QuerySet[Grant]:
    """Live ones, under whichever version."""
    return Grant.objects.filter(item__offer__offer=offer, state=GrantState.LIVE)


def acceptance_of(item: Item) -> TermsAcceptance | None:
    """By who asked, of the terms of the offer under which the item was asked. One query, or none."""
    if item.offer is None or item.offer.terms_id is None:
        return None
    found = TermsAcceptance.objects.filter(person=item.requester_id, terms=item.offer.terms_id)
    return found.select_related("terms").first()
