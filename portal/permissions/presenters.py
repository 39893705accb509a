"""A catalog's ledger made ready for its page: lines filtered, counted, with grants; findings with their words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.usage.models import readings_of
from fulfilment.ledger.finding_kinds import WORDS, Cure, Words
from fulfilment.ledger.lines import Key, Line, Standing
from fulfilment.ledger.models import Finding, Removal
from fulfilment.ledger.queries import Excerpt, counts, lines_at
from fulfilment.observations.reading_age import is_too_old
from identity.people.models import Person
from lakeformation.drift.differences import Kind
from lakeformation.values.arn import ROLE_OR_USER
from lakeformation.values.permissions import ALL_TABLES, Permission
from requests_app.display_states.rules import (
    REQUEST_RULES,
    FindingFacts,
    ScopeFacts,
    get_finding_state,
    get_scope_state,
)
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.models import Grant
from requests_app.grants.usage import build_last_use, describe_last_use
from requests_app.permissions.adoption import find_adoption_obstacle
from requests_app.permissions.permission_states import get_line_states, get_reading_time
from requests_app.permissions.queries import (
    VisibleCatalog,
    build_permission_filter,
    describe_permission_scope,
    get_holder_name,
    list_findings,
    map_grants_by_intent,
    map_last_uses,
    map_pending_removals,
    map_table_ids,
    reads_by_name,
)

MOST_GRANTS = 3
"""Of a line that many grants justify, as DESCRIBE on a database, the page shows the latest of them."""
BEGINNING = datetime.min.replace(tzinfo=UTC)
"""Since when a permission is there is not known: what matters is how far back its trail tells."""
CSV_HEAD = ("standing", "database", "table", "verb", "columns", "grantable", "principal", "grants", "read_at")


@dataclass(frozen=True)
class Asked:
    """The filters of the address; empty ones leave everything in."""

    catalog: str
    database: str
    principal: str
    standing: Standing | None

    @classmethod
    def read(cls, query: QueryDict) -> "Asked":
        kind = query.get("kind", "")
        standing = Standing(kind) if kind in set(Standing) else None
        return cls(
            query.get("catalog", ""), query.get("database", ""), query.get("principal", "").strip(), standing
        )

    @property
    def address(self) -> str:
        parts = {
            "catalog": self.catalog,
            "database": self.database,
            "principal": self.principal,
            "kind": self.standing,
        }
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def is_filtered(self) -> bool:
        return bool(self.database or self.principal or self.standing)

    def of(self, ledger: VisibleCatalog) -> Excerpt:
        """What they leave of a ledger."""
        return replace(
            build_permission_filter(ledger),
            database=self.database,
            principal=self.principal,
            standing=self.standing,
        )


@dataclass(frozen=True)
class LineShown:
    line: Line
    state: DisplayState
    holder: str
    account: str
    where: str
    what: str
    grants: Sequence[Grant]
    more_grants: int
    removal: Removal | None
    may_adopt: bool
    why_not: str
    table_id: int | None
    used: str


@dataclass(frozen=True)
class FindingShown:
    """`line` is the observed row of a surplus, for its buttons; none while it is being removed."""

    row: Finding
    state: DisplayState
    words: Words
    holder: str
    line: int | None
    may_adopt: bool

    @property
    def is_incident(self) -> bool:
        """Whether no decision justifies it: shown in red, whoever knows of it."""
        return self.row.kind == Kind.UNJUSTIFIED

    @property
    def heals(self) -> bool:
        return self.words.cure == Cure.HEAL or (bool(self.row.intents) and not self.is_incident)


@dataclass(frozen=True)
class LedgerShown:
    """`findings`, `counts` are of what the person may see; `read_at` is None where the permissions were never read."""

    ledger: VisibleCatalog
    state: DisplayState
    read_at: datetime | None
    findings: int
    counts: Sequence[tuple[str, str, int]]

    @property
    def is_empty(self) -> bool:
        return not self.findings and not any(number for _value, _word, number in self.counts)


def ledgers_shown(ledgers: Iterable[VisibleCatalog], now: datetime) -> list[LedgerShown]:
    """What needs attention first. Four queries a catalog."""
    rows = [_ledger(one, now) for one in ledgers]
    return sorted(rows, key=lambda row: REQUEST_RULES.index(row.state.state))


def _ledger(ledger: VisibleCatalog, now: datetime) -> LedgerShown:
    read_at, numbers = get_reading_time(ledger.catalog), counts(build_permission_filter(ledger), now)
    open_findings = list_findings(ledger).filter(known_at=None)
    known = list_findings(ledger).filter(known_at__isnull=False, kind=Kind.SURPLUS_FOREIGN).count()
    found = open_findings.count()
    state = get_scope_state(
        ScopeFacts(
            was_read=read_at is not None,
            is_reading_old=is_too_old(read_at, now),
            findings=found,
            unmanaged=max(0, numbers[Standing.UNMANAGED] - known),
        )
    )
    return LedgerShown(ledger, state, read_at, found, counted(numbers))


def standing_word(standing: Standing) -> str:
    return {
        Standing.MISSING: _("missing in AWS"),
        Standing.UNMANAGED: _("held outside the portal"),
        Standing.ENDING: _("ending"),
        Standing.MANAGED: _("managed"),
    }[standing]


def counted(numbers: Mapping[Standing, int]) -> list[tuple[str, str, int]]:
    """By standing: its value, its word, how many."""
    return [(one.value, standing_word(one), numbers[one]) for one in Standing]


def attention_in(numbers: Mapping[Standing, int]) -> list[tuple[str, str, int]]:
    """Of the counts, those that somebody has to look at, with more than none."""
    open_ = {Standing.UNMANAGED, Standing.MISSING}
    return [
        one for one in counted({each: numbers[each] if each in open_ else 0 for each in Standing}) if one[2]
    ]


def shown(
    person: Person, ledger: VisibleCatalog, lines: Sequence[Line], read_at: datetime | None, now: datetime
) -> list[LineShown]:
    """Lines of one page for a person, with their grants, removals, tables, last uses and states. Eight queries. `read_at`: when the catalog was last read."""
    grants = map_grants_by_intent({pk for line in lines for pk in line.intents[-MOST_GRANTS:]})
    removals = map_pending_removals({pk for line in lines for pk in line.intents})
    tables = map_table_ids(person, ledger.catalog, lines)
    used = _uses(ledger, lines, now)
    states = get_line_states(ledger.catalog, lines, removals, is_reading_old=is_too_old(read_at, now))
    return [
        _line(
            line,
            states[line.key],
            grants=grants,
            removals=removals,
            tables=tables,
            used=used.get(line.key, ""),
        )
        for line in lines
    ]


def _uses(ledger: VisibleCatalog, lines: Sequence[Line], now: datetime) -> dict[str, str]:
    """By line, when its holder last used it, or since when not, in words."""
    uses = map_last_uses(ledger.catalog, lines)
    reading = readings_of([ledger.catalog.pk]).get(ledger.catalog.pk)
    return {
        line.key: describe_last_use(
            build_last_use(uses.get(Key.of(line.permission)), BEGINNING, reading), now
        )
        for line in lines
        if reads_by_name(line) and line.seen_at
    }


def _line(
    line: Line,
    state: DisplayState,
    *,
    grants: dict[int, Grant],
    removals: Mapping[int, Removal],
    tables: dict[tuple[str, str], int],
    used: str,
) -> LineShown:
    one = line.permission
    reason = find_adoption_obstacle(line) if line.standing == Standing.UNMANAGED else ""
    return LineShown(
        line=line,
        state=state,
        holder=get_holder_name(one.principal),
        account=one.principal.split(":")[4] if one.principal.startswith("arn:") else "",
        where=where_of(one),
        what=describe_permission_scope(line),
        grants=[grants[pk] for pk in line.intents if pk in grants],
        more_grants=max(0, len(line.intents) - MOST_GRANTS),
        removal=next((removals[pk] for pk in line.intents if pk in removals), None),
        may_adopt=line.standing == Standing.UNMANAGED and not reason,
        why_not=reason,
        table_id=tables.get((one.database, one.table)) if ROLE_OR_USER.fullmatch(one.principal) else None,
        used=used,
    )


def catalog_url(catalog: str) -> str:
    """The page of a catalog's permissions."""
    return f"{reverse('permissions')}?{urlencode({'catalog': catalog})}"


def where_of(one: Permission) -> str:
    """What a permission is held on, in words: a table, a database, or what has some LF-Tags."""
    if one.policy:
        return one.resource
    if not one.table:
        return one.database
    return f"{one.database}.{_('every table') if one.table == ALL_TABLES else one.table}"


def findings_shown(ledger: VisibleCatalog, findings: Iterable[Finding], now: datetime) -> list[FindingShown]:
    """Each with its words and, of a surplus, the line that it is about. Three queries."""
    rows = list(findings)
    about = {Key.of(Permission.from_json(row.atom)) for row in rows if row.atom}
    lines = lines_at(ledger.catalog, about, now)
    by_atom = {line.permission: line for line in lines if line.standing == Standing.UNMANAGED}
    ending = {line.permission for line in lines if line.standing == Standing.ENDING} - by_atom.keys()
    return [_finding(row, by_atom, ending) for row in rows]


def _finding(row: Finding, by_atom: dict[Permission, Line], ending: AbstractSet[Permission]) -> FindingShown:
    atom = Permission.from_json(row.atom) if row.atom else None
    line = by_atom.get(atom) if atom else None
    return FindingShown(
        row=row,
        state=get_finding_state(
            FindingFacts(
                is_gone=row.gone_at is not None,
                is_known=row.known_at is not None,
                is_being_repaired=_is_repaired(row),
                is_justified=row.kind != Kind.UNJUSTIFIED,
                is_being_removed=atom in ending,
            )
        ),
        words=WORDS[Kind(row.kind)],
        holder=get_holder_name(row.principal_arn) if row.principal_arn else "",
        line=line.observed if line else None,
        may_adopt=line is not None and not find_adoption_obstacle(line),
    )


def _is_repaired(row: Finding) -> bool:
    """What live intents lack the workers repair by themselves."""
    return bool(row.intents) and WORDS[Kind(row.kind)].cure == Cure.HEAL


def csv_rows(every: Iterable[Line]) -> Iterator[Sequence[str]]:
    """For the file, its head first. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    yield CSV_HEAD
    lines = list(every)
    grants = map_grants_by_intent({pk for line in lines for pk in line.intents})
    for line in lines:
        one = line.permission
        numbers = " ".join(str(grants[pk].pk) for pk in line.intents if pk in grants)
        read_at = line.seen_at.isoformat() if line.seen_at else ""
        cells = (
            line.standing, one.database or one.resource, one.table, one.verb, describe_permission_scope(line), "yes" if one.grantable else "no",
            one.principal, numbers, read_at,
        )  # fmt: skip
        yield [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells]
