"""Who may see a data product, and who may request it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.products.may import visible_products
from catalog.products.models import SHARED_AUDIENCES, Audience, DataProduct, Domain, list_request_audiences
from identity.people.events import record_by_person
from identity.people.may import READ_ALL_ROLES, get_team_ids, get_team_ids_with_role
from identity.people.models import Membership, Person, PlatformRole, Team
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.verdicts import ALLOWED, Verdict, refusal
from lakeformation.values.canonical_json import digest


class DiscoveryTeam(models.Model):
    """A team named by a product whose audience is `teams`. Who may request is a part of who may see."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="discovery_teams")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    may_request = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "team"], name="discovery_team_once")]

    def __str__(self) -> str:
        return f"{self.team} for {self.product}"


MAX_TEAMS = 100


@dataclass(frozen=True)
class DiscoverySettings:
    """`see_teams` count where `seen_by` is `teams`, `request_teams` where `requested_by` is."""

    seen_by: str = Audience.ORGANISATION
    requested_by: str = Audience.ORGANISATION
    see_teams: frozenset[int] = frozenset()
    request_teams: frozenset[int] = frozenset()

    @property
    def teams(self) -> dict[int, bool]:
        """Whether it may request, by the id of each named team."""
        seen = self.see_teams if self.seen_by == Audience.TEAMS else frozenset()
        requested = self.request_teams if self.requested_by == Audience.TEAMS else frozenset()
        return {team: team in requested for team in sorted(seen | requested)}

    @property
    def digest(self) -> str:
        return digest([self.seen_by, self.requested_by, list(self.teams.items())])


def read_settings(product: DataProduct) -> DiscoverySettings:
    """One query where the product names teams."""
    rows: list[DiscoveryTeam] = []
    if Audience.TEAMS in {product.seen_by, product.requested_by}:
        rows = list(DiscoveryTeam.objects.filter(product=product))
    return DiscoverySettings(
        product.seen_by,
        product.requested_by,
        frozenset(row.team_id for row in rows if product.seen_by == Audience.TEAMS),
        frozenset(row.team_id for row in rows if row.may_request),
    )


def check_settings(settings: DiscoverySettings, product: DataProduct) -> None:
    """RefusedError, with the field, unless whoever may request is among those who may see."""
    for field, value in (("seen_by", settings.seen_by), ("requested_by", settings.requested_by)):
        if value not in Audience.values:
            raise RefusedError(_("Choose one of the options."), field)
        if value == Audience.LINE and not product.domain.line_of_business:
            words = {"domain": product.domain.name}
            raise RefusedError(_("%(domain)s belongs to no line of business.") % words, field)
    if settings.requested_by not in list_request_audiences(settings.seen_by):
        message = _(
            "People who can request it must also be able to see it. Let fewer people request it, or let more people see it."
        )
        raise RefusedError(message, "requested_by")
    if settings.seen_by == Audience.TEAMS:
        _check_teams(settings.see_teams, "see_teams")
    if settings.requested_by == Audience.TEAMS:
        _check_teams(settings.request_teams, "request_teams")
        _check_request_teams(settings, product)


def _check_teams(teams: frozenset[int], field: str) -> None:
    if not teams:
        raise RefusedError(_("Choose at least one team."), field)
    if len(teams) > MAX_TEAMS:
        raise RefusedError(_("Choose at most %(most)s teams.") % {"most": MAX_TEAMS}, field)
    if Team.objects.filter(pk__in=teams).count() != len(teams):
        raise RefusedError(_("One of these teams no longer exists."), field)


def _check_request_teams(settings: DiscoverySettings, product: DataProduct) -> None:
    outside = _find_teams_outside(settings, product)
    if outside:
        names = ", ".join(sorted(team.name for team in outside))
        message = _("These teams can't request it, because they can't see it: %(teams)s.") % {"teams": names}
        raise RefusedError(message, "request_teams")


def _find_teams_outside(settings: DiscoverySettings, product: DataProduct) -> list[Team]:
    """The teams that may request the product and may not see it."""
    teams = Team.objects.filter(pk__in=settings.request_teams)
    if settings.seen_by == Audience.TEAMS:
        return list(teams.exclude(pk__in=settings.see_teams))
    if settings.seen_by == Audience.LINE:
        return list(teams.exclude(domains__line_of_business=product.domain.line_of_business))
    if settings.seen_by == Audience.ORGANISATION:
        external = Membership.objects.filter(person__in=Person.objects.filter(is_external=True))
        return list(teams.filter(pk__in=external.values("team")))
    return []


MAX_NAMED = 3


def may_set_discovery(person: Person, product: DataProduct) -> Verdict:
    """The data owners of its domain's team."""
    team = product.domain.owner_team
    if person.is_active and team.pk in get_team_ids_with_role(person, Membership.Role.DATA_OWNER):
        return ALLOWED
    words = {"team": team.name}
    return refusal(_("Only data owners of %(team)s can choose who can see and request it.") % words)


def may_request_product(person: Person, product: DataProduct) -> Verdict:
    """The product is one that the person sees. There is no query for one that everyone in the organisation may
    request.
    """
    return find_request_refusals(person, [product]).get(product.pk, ALLOWED)


def find_request_refusals(person: Person, products: Iterable[DataProduct]) -> dict[int, Verdict]:
    """By id, of those that the person may not request; with their domains."""
    limited = [product for product in products if not _is_open(person, product)]
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


_HOLDERS = """SELECT p.id FROM identity_person p WHERE p.is_active AND EXISTS (
  SELECT FROM catalog_held_tables(p.id) AS held(id) JOIN catalog_producttable l ON l.table_id = held.id
  WHERE l.product_id = %s)"""


@dataclass(frozen=True)
class DiscoveryPreview:
    """How many people are concerned. `keeps` hold access, which stays; they go on seeing the product."""

    gains: int
    loses: int
    keeps: int
    may_request: int
    may_request_no_more: int


def list_namable_teams() -> QuerySet[Team]:
    return Team.objects.order_by("name", "pk")


def preview_settings(product: DataProduct, settings: DiscoverySettings) -> DiscoveryPreview:
    """What `set_discovery` would change now. Counts active people."""
    now = read_settings(product)
    holders = list_holders(product)
    always = _list_always(product) | holders
    seen, seen_now = (_list_people(product, one.seen_by, one.see_teams) for one in (settings, now))
    requested, requested_now = (
        _list_requesters(product, one, people | always) for one, people in ((settings, seen), (now, seen_now))
    )
    return DiscoveryPreview(
        gains=len((seen | always) - (seen_now | always)),
        loses=len((seen_now | always) - (seen | always)),
        keeps=len((holders & seen_now) - seen),
        may_request=len(requested - requested_now),
        may_request_no_more=len(requested_now - requested),
    )


def list_viewers(product: DataProduct, settings: DiscoverySettings) -> set[int]:
    """Ids of the active people who would see the published product."""
    return (
        _list_people(product, settings.seen_by, settings.see_teams)
        | _list_always(product)
        | list_holders(product)
    )


def list_holders(product: DataProduct) -> set[int]:
    """Ids of active people whose teams hold access to a table of it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [product.pk])
        return {pk for (pk,) in cursor.fetchall()}


def _list_always(product: DataProduct) -> set[int]:
    readers = PlatformRole.objects.filter(role__in=READ_ALL_ROLES, person__is_external=False).values("person")
    team = Membership.objects.filter(team=product.domain.owner_team_id).values("person")
    return _list_active(Q(pk__in=readers) | Q(pk__in=team) | Q(pk=product.owner_id))


def _list_requesters(product: DataProduct, settings: DiscoverySettings, viewers: set[int]) -> set[int]:
    team = _list_people(product, Audience.DOMAIN, frozenset())
    return (_list_people(product, settings.requested_by, settings.request_teams) | team) & viewers


def _list_people(product: DataProduct, audience: str, teams: frozenset[int]) -> set[int]:
    if audience == Audience.EVERYONE:
        return _list_active(Q())
    if audience == Audience.ORGANISATION:
        return _list_active(Q(is_external=False))
    members = Membership.objects.filter(team__in=teams)
    if audience == Audience.DOMAIN:
        members = Membership.objects.filter(team=product.domain.owner_team_id)
    if audience == Audience.LINE:
        line = product.domain.line_of_business
        members = Membership.objects.filter(team__domains__line_of_business=line, person__is_external=False)
    return _list_active(Q(pk__in=members.values("person")))


def _list_active(condition: Q) -> set[int]:
    return set(Person.objects.filter(condition, is_active=True).values_list("pk", flat=True))


@transaction.atomic(durable=True)
def set_discovery(
    *, acting_user: Person, slug: str, settings: DiscoverySettings, shown: str, now: datetime
) -> DataProduct:
    """Grants stay, and their holders go on seeing the product. `shown` is the digest of the settings that were shown.

    NotFoundError for a product that the person may not see, ForbiddenError for whoever is no data owner of its domain,
    RefusedError for an invalid field, or if the settings changed since.
    """
    return write_settings(person=acting_user, slug=slug, settings=settings, shown=shown, now=now)


def write_settings(
    *, person: Person, slug: str, settings: DiscoverySettings, shown: str, now: datetime
) -> DataProduct:
    """`set_discovery` within the caller's transaction."""
    rows = DataProduct.objects.select_for_update(of=("self",)).select_related("domain__owner_team")
    product = rows.filter(slug=slug, pk__in=visible_products(person).values("pk")).first()
    if product is None:
        raise NotFoundError
    require_allowed(may_set_discovery(person, product))
    before = read_settings(product)
    if before.digest != shown:
        raise RefusedError(_("The settings have changed in the meantime. Check them again."), "shown")
    check_settings(settings, product)
    if before.digest == settings.digest:
        return product
    product.seen_by, product.requested_by = settings.seen_by, settings.requested_by
    product.save(update_fields=["seen_by", "requested_by"])
    product.discovery_teams.all().delete()
    DiscoveryTeam.objects.bulk_create(
        DiscoveryTeam(product=product, team_id=team, may_request=requests)
        for team, requests in settings.teams.items()
    )
    data = {"before": _describe(before), "after": _describe(settings)}
    record_by_person("set_discovery", person, f"product:{product.pk}", data, now)
    return product


def _describe(settings: DiscoverySettings) -> dict[str, object]:
    return {
        "seen_by": settings.seen_by,
        "requested_by": settings.requested_by,
        "teams": list(settings.teams),
        "requesting_teams": [team for team, requests in settings.teams.items() if requests],
    }
