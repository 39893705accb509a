"""Changes of a term in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.glossary.models import Term, TermProposal, TermRevision
from catalog.glossary.proposals import ShownProposal
from catalog.glossary.states import TermState
from catalog.products.models import Domain
from identity.people.models import Team
from kernel.text import DiffLine, compare_lines

REFERENCES: Mapping[str, Any] = {"domain": Domain, "owner_team": Team, "replaced_by": Term}
Names = Mapping[tuple[str, Any], str]


@dataclass(frozen=True)
class ShownTermChange:
    """A field that differs, as text and line by line."""

    field: str
    label: str
    before: str
    after: str

    @property
    def lines(self) -> list[DiffLine]:
        return compare_lines(self.before.splitlines(), self.after.splitlines())


@dataclass(frozen=True)
class ShownTermRevision:
    revision: TermRevision
    changes: tuple[ShownTermChange, ...]


@dataclass(frozen=True)
class ShownProposalChanges:
    """`changes` are beside what the term says now; once the proposal is decided, beside what it said then."""

    shown: ShownProposal
    changes: tuple[ShownTermChange, ...]

    @property
    def row(self) -> TermProposal:
        return self.shown.proposal


def build_term_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[ShownTermChange, ...]:
    """Both as JSON of a content or of a state. A query for each kind of thing that changed."""
    return _show_changes(before, after, _read_names([before, after]))


def build_term_revisions(revisions: Iterable[TermRevision]) -> list[ShownTermRevision]:
    """Three queries for the names in all of them."""
    rows = list(revisions)
    names = _read_names(state for row in rows for state in (row.before, row.after))
    return [ShownTermRevision(row, _show_changes(row.before, row.after, names)) for row in rows]


def build_proposal_changes(proposals: Iterable[TermProposal]) -> list[ShownProposalChanges]:
    """Two queries for the names in all of them."""
    states = [(one, one.before, one.content.to_json()) for one in map(ShownProposal, proposals)]
    names = _read_names(state for _one, before, after in states for state in (before, after))
    return [ShownProposalChanges(one, _show_changes(before, after, names)) for one, before, after in states]


def _show_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Names
) -> tuple[ShownTermChange, ...]:
    labels = {
        "name": _("Name"),
        "domain": _("Domain"),
        "definition": _("Definition"),
        "synonyms": _("Synonyms"),
        "owner_team": _("Responsible"),
        "state": _("State"),
        "replaced_by": _("Replaced by"),
    }
    return tuple(
        ShownTermChange(
            field,
            label,
            _to_text(field, before[field], names) if field in before else "",
            _to_text(field, after[field], names),
        )
        for field, label in labels.items()
        if field in after and (before.get(field) != after[field] or (not before and field == "domain"))
    )


def _read_names(states: Iterable[Mapping[str, Any]]) -> dict[tuple[str, Any], str]:
    """By the field and the id in it."""
    ids: dict[str, set[int]] = {field: set() for field in REFERENCES}
    for state in states:
        for field, found in ids.items():
            if state.get(field):
                found.add(state[field])
    return {
        (field, pk): name
        for field, model in REFERENCES.items()
        if ids[field]
        for pk, name in model.objects.filter(pk__in=ids[field]).values_list("pk", "name")
    }


def _to_text(field: str, value: Any, names: Names) -> str:
    if field == "domain" and value is None:
        return _("The whole organisation")
    if field in REFERENCES:
        return names.get((field, value), "")
    if field == "state":
        return str(TermState(value).label)
    return ", ".join(value) if isinstance(value, list) else str(value or "")
