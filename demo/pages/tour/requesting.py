"""Request data: a consumer finds and requests it, a data owner decides, and the access ends again."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.products.models import DataProduct
from demo.pages.tour.steps import TourSection, TourStart, TourStep
from fulfilment.intents.models import Intent
from identity.accounts import Principal
from identity.people.models import Membership, Person
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.states import GrantState
from requests_app.review.may import list_deciders


@dataclass(frozen=True)
class TourCast:
    """The requester, the owner and the product of the tour."""

    requester: Person
    owner: Person
    product: DataProduct


def build_requesting_section(start: TourStart) -> TourSection | None:
    cast = _choose_cast()
    if cast is None:
        return None
    steps = _build_steps(cast, _find_item(cast, start.item))
    return TourSection("request", _("Request data, use it and give it back"), steps)


def _choose_cast() -> TourCast | None:
    """A person who can request, and a data owner of a product who is not in their teams."""
    accounts = Principal.objects.filter(gone_at__isnull=True, account__is_consumer=True)
    requesters = Person.objects.filter(
        is_active=True, teams__accounts__in=accounts.values("account")
    ).distinct()
    current_requester = requesters.filter(name="Ana Keller").first() or requesters.first()
    products = DataProduct.objects.filter(is_published=True, tables__isnull=False).select_related("domain")
    product = products.filter(slug="claims").first() or products.order_by("pk").first()
    if current_requester is None or product is None:
        return None
    owners = Membership.objects.filter(team=product.domain.owner_team, role=Membership.Role.DATA_OWNER)
    owner = owners.exclude(person=current_requester).select_related("person").order_by("person__name").first()
    return TourCast(current_requester, owner.person, product) if owner else None


def _find_item(cast: TourCast, first: int) -> RequestItem | None:
    asked = RequestItem.objects.filter(requester=cast.requester, pk__gt=first).select_related(
        "product", "request"
    )
    return asked.select_related("grant__intent").order_by("-pk").first()


def _build_steps(cast: TourCast, item: RequestItem | None) -> list[TourStep]:
    grant = getattr(item, "grant", None)
    decided = item is not None and item.state in {ItemState.APPROVED, ItemState.REJECTED}
    proven = grant is not None and grant.intent.presence in {Intent.Presence.PRESENT, Intent.Presence.ABSENT}
    ended = grant is not None and grant.state != GrantState.LIVE
    decider = (list_deciders(item).first() if item else None) or cast.owner
    current_requester = cast.requester
    product_url = reverse("data-product", args=[cast.product.slug])
    story = reverse("access-request", args=[item.request_id]) if item else reverse("access-requests")
    review = reverse("review", args=[item.pk]) if item else reverse("reviews")
    return [
        TourStep(_("Find data"), _("Search for a word, a column or an owner. The page shows what the data is, who owns it, and which columns are sensitive."), current_requester, product_url, _("Open %(name)s") % {"name": cast.product.name}, item is not None),
        TourStep(_("Request access"), _("Select the columns, the rows if you don't need all, the purpose and the end date. The partner outside the bank requested the rows of one region: when the demo started, Athena showed it no others."), current_requester, product_url, _("Request access"), item is not None),
        TourStep(_("Decide"), _("The data owner sees exactly what an approval does, account by account, before approving."), decider, review, _("Review the request"), decided),
        TourStep(_("Follow it to active access"), _("The workers grant the permission in AWS and read it back. Only then does the portal show it as active."), current_requester, story, _("Follow the request"), proven),
        TourStep(_("Try to break it, then revoke it"), _("Remove a permission outside the portal, kill the worker, change the time. Then revoke the access and watch it end."), decider, reverse("demo-break"), _("Try to break it"), ended),
    ]  # fmt: skip
