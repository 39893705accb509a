"""Saved searches as pages and the API show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.search.alerts.matches import has_unknown_filters
from catalog.search.filter_syntax import explain_unknown
from catalog.search.models import SavedSearch
from catalog.search.query import SearchQuery


@dataclass(frozen=True)
class SavedRow:
    """`problems` say what is no longer understood of its filters."""

    search: SavedSearch
    new_count: int
    problems: tuple[str, ...]

    @property
    def has_alert(self) -> bool:
        return self.search.alert != SavedSearch.Alert.NONE


def build_saved_rows(searches: Iterable[SavedSearch]) -> list[SavedRow]:
    """Of searches with their `new_count`."""
    return [SavedRow(one, getattr(one, "new_count", 0), describe_problems(one)) for one in searches]


def describe_problems(saved: SavedSearch) -> tuple[str, ...]:
    if not has_unknown_filters(saved):
        return ()
    unknown = SearchQuery.parse(saved.querystring).typed.unknown
    changed = _("A filter of this search no longer exists. Open the search and save it again.")
    return tuple(explain_unknown(unknown)) or (changed,)


def parse_alert(said: str) -> SavedSearch.Alert:
    """No alert for anything else."""
    return SavedSearch.Alert(said) if said in SavedSearch.Alert.values else SavedSearch.Alert.NONE
