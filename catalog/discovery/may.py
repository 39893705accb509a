"""Who may request a product that they see, and who decides on that."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.discovery.models import DiscoveryTeam
from catalog.products.models import SHARED_AUDIENCES, Audience, DataProduct, Domain
from identity.people.may import get_team_ids, get_team_ids_with_role
from identity.people.models import Membership, Person
from kernel.verdicts import ALLOWED, Verdict, refusal

MAX_NAMED = 3


def may_set_discovery(person: Person, product: DataProduct) -> Verdict:
    """The data owners of its domain's team."""
    team = product.domain.owner_team
    if person.is_active and team.pk in get_team_ids_with_role(person, Membership.Role.DATA_OWNER):
        return ALLOWED
    words = {"team": team.name}
    return refusal(_("Only data owners of %(team)s can choose who can see and request it.") % words)


def may_request_product(person: Person, product: DataProduct) -> Verdict:
    """Of a product that the person sees. No query for one that everyone in the organisation may request."""
    return find_request_refusals(person, [product]).get(product.pk, ALLOWED)


def find_request_refusals(person: Person, products: Iterable[DataProduct]) -> dict[int, Verdict]:
    """By id, of those that the person may not request; with their domains."""
    limited = [one for one in products if not _is_open(person, one)]
    if not limited:
        return {}
    teams = get_team_ids(person)
    named = DiscoveryTeam.objects.filter(product__in=limited, may_request=True).select_related("team")
    of_product: dict[int, list[DiscoveryTeam]] = {}
    for row in named.order_by("team__name"):
        of_product.setdefault(row.product_id, []).append(row)
    if person.is_external:
        lines = set()
    else:
        rows = Domain.objects.filter(owner_team__in=teams).exclude(line_of_business="")
        lines = set(rows.values_list("line_of_business", flat=True))
    return {
        product.pk: refusal(_describe_requesters(product, rows))
        for product in limited
        for rows in [of_product.get(product.pk, [])]
        if not _is_among(product, teams, lines, {row.team_id for row in rows})
    }


def find_refusals_by_product(person: Person, products: Collection[int]) -> dict[int, Verdict]:
    """By id, of those of these products that the person may not request. One query, and two more where one is limited."""
    rows = DataProduct.objects.filter(pk__in=products).select_related("domain__owner_team")
    if not person.is_external:
        rows = rows.exclude(requested_by__in=SHARED_AUDIENCES)
    return find_request_refusals(person, rows)


def _is_open(person: Person, product: DataProduct) -> bool:
    shared = product.requested_by == Audience.ORGANISATION and not person.is_external
    return shared or product.requested_by == Audience.EVERYONE


def _is_among(product: DataProduct, teams: Collection[int], lines: set[str], named: set[int]) -> bool:
    """The domain's own team always is."""
    if product.domain.owner_team_id in teams:
        return True
    if product.requested_by == Audience.LINE:
        return product.domain.line_of_business in lines
    return product.requested_by == Audience.TEAMS and not named.isdisjoint(teams)


def _describe_requesters(product: DataProduct, named: list[DiscoveryTeam]) -> str:
    words = {
        "product": product.name,
        "team": product.domain.owner_team.name,
        "line": product.domain.line_of_business,
        "teams": ", ".join(row.team.name for row in named[:MAX_NAMED]),
    }
    if product.requested_by == Audience.ORGANISATION:
        return _("Only people in the organisation can request %(product)s.") % words
    if product.requested_by == Audience.LINE:
        return _("Only people in the line of business %(line)s can request %(product)s.") % words
    if product.requested_by == Audience.DOMAIN:
        return _("Only people in %(team)s can request %(product)s.") % words
    if len(named) <= MAX_NAMED:
        return _("Only people in these teams can request %(product)s: %(teams)s.") % words
    left = len(named) - MAX_NAMED
    message = ngettext(
        "Only people in these teams can request %(product)s: %(teams)s, and one more.",
        "Only people in these teams can request %(product)s: %(teams)s, and %(left)s more.",
        left,
    )
    return message % {**words, "left": left}
