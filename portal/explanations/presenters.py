"""The answer to "why can X see column Y" made ready for its page: steps with marks, evidence and the grants behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from fulfilment.ledger.lines import Key, Line, Standing
from fulfilment.ledger.queries import lines_at
from identity.accounts.models import Principal
from identity.people.models import Person
from lakeformation.explanation.answers import Answer, Source, State, Step, Verdict
from lakeformation.values.permissions import Permission
from lakeformation.values.wording import as_sentence, rows_worded
from requests_app.access_requests.may import list_visible_items
from requests_app.display_states.vocabulary import Mark
from requests_app.grants.models import Grant
from requests_app.permissions.explanation import AccessExplanation
from requests_app.permissions.explanation_facts import SourceReading
from requests_app.targets.recipients import list_requestable_principals

STEPS = {State.HOLDS: Mark.YES, State.LACKS: Mark.NO, State.UNKNOWN: Mark.NOT_KNOWN}
VERDICTS = {Verdict.SEES: Mark.YES, Verdict.SEES_NOT: Mark.NO, Verdict.UNKNOWN: Mark.NOT_KNOWN}


@dataclass(frozen=True)
class StepShown:
    """`where` says what was read, `read` when; `grants` are those behind the permission that the person may see."""

    text: str
    mark: Mark
    where: str
    read: SourceReading | None
    standing: Standing | None
    grants: Sequence[Grant]


@dataclass(frozen=True)
class WayShown:
    word: str
    mark: Mark
    steps: tuple[StepShown, ...]
    rows: str


@dataclass(frozen=True)
class ColumnShown:
    """`name` as the catalog spells it."""

    name: str
    mark: Mark
    word: str
    is_key: bool


@dataclass(frozen=True)
class WhyShown:
    answer: Answer
    column: str
    mark: Mark
    word: str
    sentence: str
    ways: tuple[WayShown, ...]
    notes: tuple[StepShown, ...]
    columns: tuple[ColumnShown, ...]


def verdict_word(verdict: Verdict) -> str:
    return {
        Verdict.SEES: _("can see it"),
        Verdict.SEES_NOT: _("can't see it"),
        Verdict.UNKNOWN: _("not known"),
    }[verdict]


def why_shown(found: AccessExplanation, column: str, person: Person, now: datetime) -> WhyShown:
    """One column's chain, and the verdict on each other column of the table."""
    answer = found.of(column)
    show = _Shower(found, _lines(found, answer, now), person)
    return WhyShown(
        answer=answer,
        column=column,
        mark=VERDICTS[answer.verdict],
        word=verdict_word(answer.verdict),
        sentence=_sentence(answer),
        ways=tuple(show.way(way.steps, way.state, way.rows) for way in answer.ways),
        notes=tuple(show.step(note) for note in answer.notes),
        columns=tuple(_columns(found)),
    )


def _columns(found: AccessExplanation) -> Iterable[ColumnShown]:
    for column in found.table.columns.all():
        verdict = found.of(column.name.lower()).verdict
        yield ColumnShown(column.name, VERDICTS[verdict], verdict_word(verdict), column.is_partition_key)


def _sentence(answer: Answer) -> str:
    opened = sum(way.state is State.HOLDS for way in answer.ways)
    if answer.verdict is Verdict.SEES:
        limited = _(" It sees the rows that match: %(rules)s.") % {"rules": "; ".join(answer.rows)}
        several = _("%(n)s paths are open; each is enough by itself.") % {"n": opened}
        return (several if opened > 1 else _("One path is open.")) + (limited if answer.rows else "")
    if answer.verdict is Verdict.SEES_NOT:
        return _("No path is open, and everything that could open one was read.")
    return _("No open path was found, but not everything could be read. See below what is missing.")


def _lines(found: AccessExplanation, answer: Answer, now: datetime) -> Mapping[Permission, Line]:
    """How each permission that the answer names stands; what is managed in part counts as managed."""
    steps = [*answer.notes, *(step for way in answer.ways for step in way.steps)]
    keys = {Key.of(step.permission) for step in steps if step.permission}
    lines = lines_at(found.table.database.catalog, keys, now)
    order = list(Standing)
    return {line.permission: line for line in sorted(lines, key=lambda line: order.index(line.standing))}


class _Shower:
    """Grants are read once for all steps; only those that the person may see are named."""

    def __init__(self, found: AccessExplanation, lines: Mapping[Permission, Line], person: Person) -> None:
        self._found, self._lines = found, lines
        wanted = {pk for line in lines.values() for pk in line.intents}
        grants = Grant.objects.filter(intent__in=wanted, item__in=list_visible_items(person))
        self._grants = {grant.intent_id: grant for grant in grants.select_related("item__request__requester")}

    def way(self, steps: Iterable[Step], state: State, rows: str) -> WayShown:
        word = {State.HOLDS: _("open"), State.LACKS: _("closed"), State.UNKNOWN: _("not known")}[state]
        return WayShown(word, STEPS[state], tuple(map(self.step, steps)), rows_worded(rows) if rows else "")

    def step(self, step: Step) -> StepShown:
        line = self._lines.get(step.permission) if step.permission else None
        grants = [self._grants[pk] for pk in line.intents if pk in self._grants] if line else []
        return StepShown(
            as_sentence(step.text),
            STEPS[step.state],
            _where(step.source),
            self._found.known.read.get(step.source),
            line.standing if line else None,
            grants,
        )


def _where(source: Source) -> str:
    return {
        Source.CATALOG: _("the catalog's permissions"),
        Source.SHARE: _("the shares of its account"),
        Source.MIRROR: _("the portal's copy of the catalog"),
        Source.NONE: "",
    }[source]


def principals_to_ask_of(table: Table, person: Person, *, of_anyone: bool) -> list[Principal]:
    """For the form: the person's own roles, and for whom may ask of anyone also those that hold something here."""
    own = list(list_requestable_principals(person).filter(arn__contains=":iam:"))
    if not of_anyone:
        return own
    held = table.database.catalog.observed.filter(database=table.database.name)
    holders = Principal.objects.filter(
        arn__in=held.values("principal_arn"), arn__contains=":iam:", gone_at=None
    )
    rows = holders.select_related("account").exclude(pk__in=[one.pk for one in own])
    return [*own, *rows.order_by("account__name", "name")[:200]]
