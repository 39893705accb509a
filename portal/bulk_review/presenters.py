"""Groups of requests that can be decided together, with what sets each apart from the first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.mirror.models import Classification
from requests_app.review.bulk.queries import BulkCandidate, BulkGroup, BulkSelection
from requests_app.review.bulk.similarity import ItemSimilarity


@dataclass(frozen=True)
class ShownGroup:
    """`differences` are sentences, none for the first group."""

    group: BulkGroup
    differences: tuple[str, ...]


def build_shown_groups(found: BulkSelection) -> list[ShownGroup]:
    groups = found.build_groups()
    return [ShownGroup(one, tuple(_list_differences(one, groups))) for one in groups]


def _list_differences(group: BulkGroup, groups: Sequence[BulkGroup]) -> Iterator[str]:
    own, other = group.candidates[0], groups[0].candidates[0]
    if group is groups[0]:
        return
    mine, first = own.similarity, other.similarity
    if mine.has_widening:
        yield _("More also becomes visible through other access.")
    if mine.effects != first.effects:
        words = {"own": mine.effects_label, "first": first.effects_label}
        yield _("Requested: %(own)s. In the first group: %(first)s.") % words
    if mine.classification != first.classification:
        words = {"own": _get_class_label(mine), "first": _get_class_label(first)}
        yield _("Highest classification: %(own)s. In the first group: %(first)s.") % words
    if mine.offer != first.offer:
        words = {"own": _get_offer_name(own), "first": _get_offer_name(other)}
        yield _("Offer: %(own)s. In the first group: %(first)s.") % words
    if mine.is_outside_organisation != first.is_outside_organisation:
        yield (
            _("It goes outside the organization. The first group does not.")
            if mine.is_outside_organisation
            else _("It stays inside the organization. The first group does not.")
        )
    if mine.rules != first.rules:
        yield _("Other policies or obstacles apply to it than to the first group.")


def _get_class_label(one: ItemSimilarity) -> str:
    return str(Classification(one.classification).label) if one.classification else _("not classified")


def _get_offer_name(one: BulkCandidate) -> str:
    return one.item.offer.name if one.item.offer else _("none")
