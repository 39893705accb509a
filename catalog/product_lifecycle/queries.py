"""Deprecations, request exceptions and retirements of products, and the digest of what a page showed of them."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.product_lifecycle.models import Deprecation, RequestException, Retirement
from catalog.product_lifecycle.states import RetirementState
from catalog.products.may import filter_visible_products, visible_products
from catalog.products.models import DataProduct
from catalog.products.states import ProductLifecycle
from identity.people.may import get_team_ids
from identity.people.models import Person, Team
from lakeformation.values.canonical_json import digest


def get_open_deprecation(product: DataProduct) -> Deprecation | None:
    """With its successor; of a retired product, too."""
    if product.deprecated_at is None:
        return None
    return find_open_deprecations([product.pk]).get(product.pk)


def find_open_deprecations(product_ids: Collection[int]) -> dict[int, Deprecation]:
    """By product. One query."""
    rows = Deprecation.objects.filter(product__in=product_ids, withdrawn_at=None)
    related = ("product", "successor__domain", "deprecated_by")
    return {one.product_id: one for one in rows.select_related(*related)}


def find_shown_successors(person: Person, deprecations: Iterable[Deprecation]) -> dict[int, DataProduct]:
    """By the deprecated product, what is to be requested instead: the end of the chain of successors, if it is published and
    the person sees it. No query, but one for each further link of the chains, and one where somebody may not see an end.
    """
    ends = {one.product_id: one.successor for one in deprecations if one.successor}
    while left := {pk: one.pk for pk, one in ends.items() if one.deprecated_at is not None}:
        onward = find_open_deprecations(left.values())
        named = {pk: onward[at].successor if at in onward else None for pk, at in left.items()}
        ends = {pk: end for pk, one in ends.items() if (end := named.get(pk, one)) is not None}
    ends = {pk: one for pk, one in ends.items() if one.is_published}
    shown = {product.pk for product in filter_visible_products(person, ends.values())}
    return {pk: product for pk, product in ends.items() if product.pk in shown}


def get_scheduled_retirement(product: DataProduct) -> Retirement | None:
    rows = Retirement.objects.filter(
        deprecation__product=product, deprecation__withdrawn_at=None, state=RetirementState.SCHEDULED
    )
    return rows.select_related("scheduled_by", "deprecation").first()


def list_request_exceptions(deprecation: Deprecation) -> QuerySet[RequestException]:
    """Newest first; those that have ended, too."""
    return deprecation.exceptions.select_related("person", "team", "allowed_by", "ended_by").order_by("-pk")


def find_request_refusals(
    product_ids: Collection[int], person: Person, team: Team, now: datetime
) -> dict[int, str]:
    """By product, why the person may not request it for the team: it is deprecated, and no exception is theirs. One query,
    two or three where one is deprecated.
    """
    deprecations = find_open_deprecations(product_ids)
    if not deprecations:
        return {}
    theirs = RequestException.objects.filter(
        Q(person=person) | Q(team=team), deprecation__in=deprecations.values(), until__gt=now, ended_at=None
    )
    allowed = set(theirs.values_list("deprecation__product", flat=True))
    refused = {pk: one for pk, one in deprecations.items() if pk not in allowed}
    successors = find_shown_successors(person, refused.values())
    return {pk: _describe_refusal(one, successors.get(pk)) for pk, one in refused.items()}


def has_request_exception(product: DataProduct, person: Person, now: datetime) -> bool:
    """For the person, or for one of their teams."""
    theirs = Q(person=person) | Q(team__in=get_team_ids(person))
    rows = RequestException.objects.filter(theirs, deprecation__product=product, until__gt=now, ended_at=None)
    return rows.filter(deprecation__withdrawn_at=None).exists()


def _describe_refusal(deprecation: Deprecation, successor: DataProduct | None) -> str:
    words = {"product": deprecation.product.name, "reason": deprecation.reason.rstrip(".")}
    said = _("%(product)s is deprecated and takes no new requests: %(reason)s.") % words
    if successor is None:
        return said
    return f"{said} {_('Request %(successor)s instead.') % {'successor': successor.name}}"


def compute_lifecycle_digest(product: DataProduct) -> str:
    """What a form about the product's life cycle was made from."""
    deprecation, retirement = get_open_deprecation(product), get_scheduled_retirement(product)
    shown = [
        product.pk,
        product.lifecycle,
        deprecation.pk if deprecation else None,
        retirement.pk if retirement else None,
    ]
    return digest(shown)


def list_possible_successors(person: Person, product: DataProduct) -> QuerySet[DataProduct]:
    """Published products that the person may see, by name."""
    rows = visible_products(person).filter(lifecycle=ProductLifecycle.PUBLISHED).exclude(pk=product.pk)
    return rows.select_related("domain").order_by("name", "pk")
