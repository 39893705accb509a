"""Discovery settings of a product as a value, and what is wrong with them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.discovery.models import DiscoveryTeam
from catalog.products.models import Audience, DataProduct, list_request_audiences
from identity.people.models import Membership, Person, Team
from kernel.errors import RefusedError
from lakeformation.values.canonical_json import digest

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


def check_settings(said: DiscoverySettings, product: DataProduct) -> None:
    """RefusedError, with the field, unless whoever may request is among those who may see."""
    for field, value in (("seen_by", said.seen_by), ("requested_by", said.requested_by)):
        if value not in Audience.values:
            raise RefusedError(_("Choose one of the options."), field)
        if value == Audience.LINE and not product.domain.line_of_business:
            words = {"domain": product.domain.name}
            raise RefusedError(_("%(domain)s belongs to no line of business.") % words, field)
    if said.requested_by not in list_request_audiences(said.seen_by):
        message = _(
            "People who can request it must also be able to see it. Let fewer people request it, or let more people see it."
        )
        raise RefusedError(message, "requested_by")
    if said.seen_by == Audience.TEAMS:
        _check_teams(said.see_teams, "see_teams")
    if said.requested_by == Audience.TEAMS:
        _check_teams(said.request_teams, "request_teams")
        _check_request_teams(said, product)


def _check_teams(teams: frozenset[int], field: str) -> None:
    if not teams:
        raise RefusedError(_("Choose at least one team."), field)
    if len(teams) > MAX_TEAMS:
        raise RefusedError(_("Choose at most %(most)s teams.") % {"most": MAX_TEAMS}, field)
    if Team.objects.filter(pk__in=teams).count() != len(teams):
        raise RefusedError(_("One of these teams no longer exists."), field)


def _check_request_teams(said: DiscoverySettings, product: DataProduct) -> None:
    outside = _find_teams_outside(said, product)
    if outside:
        names = ", ".join(sorted(team.name for team in outside))
        message = _("These teams can't request it, because they can't see it: %(teams)s.") % {"teams": names}
        raise RefusedError(message, "request_teams")


def _find_teams_outside(said: DiscoverySettings, product: DataProduct) -> list[Team]:
    """Of the teams that may request those that may not see."""
    teams = Team.objects.filter(pk__in=said.request_teams)
    if said.seen_by == Audience.TEAMS:
        return list(teams.exclude(pk__in=said.see_teams))
    if said.seen_by == Audience.LINE:
        return list(teams.exclude(domains__line_of_business=product.domain.line_of_business))
    if said.seen_by == Audience.ORGANISATION:
        external = Membership.objects.filter(person__in=Person.objects.filter(is_external=True))
        return list(teams.filter(pk__in=external.values("team")))
    return []
