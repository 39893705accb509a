"""The plan of a file in words. Page, API and command show the same."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.product_files.plan import Drift, ProductPlan
from catalog.product_files.state import format_path
from catalog.products.models import Audience
from identity.people.models import Team
from kernel.text import compare_lines
from portal.products.changes import describe_contract_change
from portal.products.content_changes import ShownChange, build_changes


@dataclass(frozen=True)
class ShownDrift:
    path: str
    line: int
    text: str


@dataclass(frozen=True)
class ShownPlan:
    """`not_kept` are paths with their lines. `problem` is why applying it is refused, or empty."""

    plan: ProductPlan
    changes: tuple[ShownChange, ...]
    drift: tuple[ShownDrift, ...]
    not_kept: tuple[tuple[str, int], ...]
    breaking_changes: tuple[str, ...]
    problem: str

    @property
    def version(self) -> str:
        """That it becomes; empty if nothing is published."""
        following = self.plan.following
        return following.version if following and self.plan.writes_draft else ""


def build_plan(plan: ProductPlan) -> ShownPlan:
    """The changes as on the page of a revision, and those of who may see and request the product."""
    breaking = plan.following.breaking_changes if plan.following else ()
    return ShownPlan(
        plan=plan,
        changes=(*build_changes(plan.before, plan.after), *_build_settings_changes(plan)),
        drift=tuple(
            ShownDrift(format_path(one.where), plan.read.find_line(one.where), describe_drift(one))
            for one in plan.drift
        ),
        not_kept=tuple((format_path(path), plan.read.find_line(path)) for path in plan.read.product.not_kept),
        breaking_changes=tuple(map(describe_contract_change, breaking)),
        problem=str(plan.problem or ""),
    )


def describe_drift(drift: Drift) -> str:
    sentences = {
        "table_missing": _("%(name)s is in the file, and not in the catalog of the domain."),
        "column_missing": _("%(name)s is in the file, and not in the catalog."),
        "column_added": _("%(name)s is in the catalog, and not in the file."),
        "audience_kept": _("The file sets a different audience. A draft does not change it."),
        "differs": _("%(name)s: the file says “%(file)s”, the portal “%(portal)s”."),
    }
    names = {
        "version": _("Version"),
        "lifecycle": _("Life cycle"),
        "domain": _("Domain"),
        "team": _("Team"),
        "tier": _("Tier"),
        "servers": _("Servers"),
    }
    words = {"name": names.get(drift.name, drift.name), "file": drift.file, "portal": drift.portal}
    return sentences[drift.what] % words


def _build_settings_changes(plan: ProductPlan) -> tuple[ShownChange, ...]:
    if not plan.changes_settings:
        return ()
    before, after = plan.settings_before, plan.settings
    names = dict(Team.objects.filter(pk__in={*before.teams, *after.teams}).values_list("pk", "name"))
    seen = [_list_lines(one.seen_by, one.see_teams, names) for one in (before, after)]
    requested = [_list_lines(one.requested_by, one.request_teams, names) for one in (before, after)]
    return tuple(
        ShownChange(label, tuple(compare_lines(old, new)))
        for label, (old, new) in ((_("Who can see it"), seen), (_("Who can request it"), requested))
        if old != new
    )


def _list_lines(audience: str, teams: Collection[int], names: dict[int, str]) -> list[str]:
    label = str(Audience(audience).label) if audience in Audience.values else audience
    named = sorted(names[pk] for pk in teams if pk in names) if audience == Audience.TEAMS else []
    return [label, *named]
