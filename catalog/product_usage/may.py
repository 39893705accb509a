"""Who may see how much of the usage and cost of products."""

from dataclasses import dataclass

from catalog.products.may import is_product_owner
from catalog.products.models import DataProduct
from identity.people.may import can_read_everything, get_team_ids, is_member
from identity.people.models import Person, Team
from kernel.verdicts import ALLOWED, Verdict, refusal


@dataclass(frozen=True)
class UsageExtent:
    """`names_teams`: sees which teams read it, not only how many. `teams` are those whose costs the person sees; None for
    all of them.
    """

    names_teams: bool
    teams: frozenset[int] | None

    def covers(self, team: int | None) -> bool:
        return self.teams is None or team in self.teams


def get_usage_extent(person: Person, product: DataProduct) -> UsageExtent:
    """Owners and whoever reads the whole mesh see all; others the costs of their own teams."""
    if can_read_everything(person) or is_product_owner(person, product):
        return UsageExtent(True, None)
    return UsageExtent(False, get_team_ids(person))


def may_view_product_costs(person: Person, product: DataProduct) -> bool:
    """Of all teams."""
    return get_usage_extent(person, product).teams is None


def may_view_team_usage(person: Person, team: Team) -> Verdict:
    """Its members, and whoever reads the whole mesh."""
    if is_member(person, team) or can_read_everything(person):
        return ALLOWED
    return refusal("Only members of the team can see what it uses.")
