"""The access explanation page: paths, steps with marks, evidence and grants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionKey, PermissionStatus
from fulfilment.permissions.queries import load_permissions
from identity.accounts import Principal
from identity.people.models import Person
from lakeformation.explanation.answers import (
    ColumnExplanation,
    ColumnVisibility,
    EvidenceSource,
    Step,
    StepState,
)
from lakeformation.values.permissions import Permission
from lakeformation.values.wording import describe_rows, to_sentence
from requests_app.access_requests.may import list_visible_items
from requests_app.display_states.vocabulary import CheckMark
from requests_app.grants.models import Grant
from requests_app.permissions.explanation import AccessExplanation
from requests_app.permissions.explanation_facts import SourceReading
from requests_app.targets.recipients import list_requestable_principals

STEP_MARKS = {
    StepState.HOLDS: CheckMark.YES,
    StepState.LACKS: CheckMark.NO,
    StepState.UNKNOWN: CheckMark.NOT_KNOWN,
}
VERDICT_MARKS = {
    ColumnVisibility.VISIBLE: CheckMark.YES,
    ColumnVisibility.NOT_VISIBLE: CheckMark.NO,
    ColumnVisibility.UNKNOWN: CheckMark.NOT_KNOWN,
}


@dataclass(frozen=True)
class StepRow:
    """`source` is what was read, `reading` when; `grants` are the visible grants behind the permission."""

    text: str
    mark: CheckMark
    source: str
    reading: SourceReading | None
    standing: PermissionStatus | None
    grants: Sequence[Grant]


@dataclass(frozen=True)
class AccessPathRow:
    state_label: str
    mark: CheckMark
    steps: tuple[StepRow, ...]
    rows: str


@dataclass(frozen=True)
class ColumnRow:
    """`name` as the catalog spells it."""

    name: str
    mark: CheckMark
    verdict_label: str
    is_partition_key: bool


@dataclass(frozen=True)
class ExplanationDetails:
    answer: ColumnExplanation
    column: str
    mark: CheckMark
    verdict_label: str
    sentence: str
    paths: tuple[AccessPathRow, ...]
    notes: tuple[StepRow, ...]
    columns: tuple[ColumnRow, ...]


def get_verdict_label(verdict: ColumnVisibility) -> str:
    return {
        ColumnVisibility.VISIBLE: _("can see it"),
        ColumnVisibility.NOT_VISIBLE: _("can't see it"),
        ColumnVisibility.UNKNOWN: _("not known"),
    }[verdict]


def build_explanation(
    found: AccessExplanation, column: str, person: Person, now: datetime
) -> ExplanationDetails:
    """The explanation of one column, and the verdicts on all columns."""
    answer = found.explain_column(column)
    steps = [*answer.notes, *(step for way in answer.paths for step in way.steps)]
    keys = {PermissionKey.from_permission(step.permission) for step in steps if step.permission}
    lines = load_permissions(found.table.database.catalog, keys, now)
    order = list(PermissionStatus)
    permission_lines = {
        line.permission: line for line in sorted(lines, key=lambda line: order.index(line.status))
    }
    show = _RowBuilder(found, permission_lines, person)
    return ExplanationDetails(
        answer=answer,
        column=column,
        mark=VERDICT_MARKS[answer.visibility],
        verdict_label=get_verdict_label(answer.visibility),
        sentence=_describe_answer(answer),
        paths=tuple(show.build_path(way.steps, way.state, way.rows) for way in answer.paths),
        notes=tuple(show.build_step(note) for note in answer.notes),
        columns=tuple(_build_column_rows(found)),
    )


def _build_column_rows(found: AccessExplanation) -> Iterable[ColumnRow]:
    for column in found.table.column_facts:
        verdict = found.explain_column(column.name.lower()).visibility
        yield ColumnRow(
            column.name, VERDICT_MARKS[verdict], get_verdict_label(verdict), column.is_partition_key
        )


def _describe_answer(answer: ColumnExplanation) -> str:
    opened = sum(way.state is StepState.HOLDS for way in answer.paths)
    if answer.visibility is ColumnVisibility.VISIBLE:
        limited = _(" It sees the rows that match: %(rules)s.") % {"rules": "; ".join(answer.rows)}
        if answer.row_doubt:
            limited = _(" Which rows it sees is not known: %(why)s.") % {"why": answer.row_doubt}
        several = _("%(n)s paths give access; each is enough by itself.") % {"n": opened}
        return (several if opened > 1 else _("One path gives access.")) + (
            limited if answer.rows or answer.row_doubt else ""
        )
    if answer.visibility is ColumnVisibility.NOT_VISIBLE:
        return _("No path gives access, and everything that could give it was read.")
    return _(
        "No path was found that gives access, but not everything could be read. See below what is missing."
    )


class _RowBuilder:
    """Builds rows; visible grants are read once for all steps."""

    def __init__(
        self, found: AccessExplanation, lines: Mapping[Permission, CatalogPermission], person: Person
    ) -> None:
        self._found, self._lines = found, lines
        wanted = {pk for line in lines.values() for pk in line.intents}
        grants = Grant.objects.filter(intent__in=wanted, item__in=list_visible_items(person))
        self._grants = {grant.intent_id: grant for grant in grants.select_related("item__request__requester")}

    def build_path(self, steps: Iterable[Step], state: StepState, rows: str) -> AccessPathRow:
        word = {StepState.HOLDS: _("open"), StepState.LACKS: _("closed"), StepState.UNKNOWN: _("not known")}[
            state
        ]
        return AccessPathRow(
            word, STEP_MARKS[state], tuple(map(self.build_step, steps)), describe_rows(rows) if rows else ""
        )

    def build_step(self, step: Step) -> StepRow:
        line = self._lines.get(step.permission) if step.permission else None
        grants = [self._grants[pk] for pk in line.intents if pk in self._grants] if line else []
        source_text = {
            EvidenceSource.CATALOG: _("the catalog's permissions"),
            EvidenceSource.SHARE: _("the shares of its account"),
            EvidenceSource.MIRROR: _("the portal's copy of the catalog"),
            EvidenceSource.NONE: "",
        }[step.source]
        return StepRow(
            to_sentence(step.text),
            STEP_MARKS[step.state],
            source_text,
            self._found.known_facts.readings.get(step.source),
            line.status if line else None,
            grants,
        )


def list_explainable_principals(table: Table, person: Person, *, include_holders: bool) -> list[Principal]:
    """The person's own roles; with `include_holders`, also roles that hold permissions in the database."""
    own = list(list_requestable_principals(person).filter(arn__contains=":iam:"))
    if not include_holders:
        return own
    held = table.database.catalog.observed.filter(database=table.database.name)
    holders = Principal.objects.filter(
        arn__in=held.values("principal_arn"), arn__contains=":iam:", gone_at=None
    )
    rows = holders.select_related("account").exclude(pk__in=[one.pk for one in own])
    return [*own, *rows.order_by("account__name", "name")[:200]]
