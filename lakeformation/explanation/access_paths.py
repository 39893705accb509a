"""Every way by which a principal could read a column, open or not, from what readings show of AWS.

Rules, from AWS's developer guide: SELECT comes from a row on the table, on all its database's tables, on a data cells
filter or on an LF-Tag policy; who made a table in its own account holds everything on it; an administrator reads
nothing by that alone ("implicit permissions"). Partition keys come with any column ("data filtering notes"). What an
account was given reaches a role of it only together with a grant inside it; across accounts nothing works before the
share is accepted ("cross-account notes"). In hybrid access mode a permission counts for those alone who opted in to the
table, or to the database and all its tables, and for others what IAM lets them do ("hybrid access mode").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lakeformation.explanation.answers import Answer, Asked, Source, State, Step, Way, answer
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.arn import is_made_by
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.permissions import ALL_TABLES, READING, SELECT, Held, OptIn, Permission
from lakeformation.values.row_rule_parser import RowRuleError, parse
from lakeformation.values.row_rules import columns_of
from lakeformation.values.tag_expressions import TagPolicy
from lakeformation.values.wording import cells_worded, columns_worded, rows_worded, worded

IAM_PRINCIPALS = ":IAMPrincipals"
"""Behind an account's id: all roles and users of the account (AWS, "granting data lake permissions")."""
PROJECT_TAG = "AmazonDataZoneProject"
"""Principals with this tag are opted in to everything (AWS Lake Formation Developer Guide, hybrid access mode)."""


@dataclass(frozen=True)
class Book:
    """What one account's Lake Formation holds on the table's catalog."""

    held: Held = field(default_factory=dict)
    filters: Mapping[FilterKey, CellsFilter] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What is known of a table and of who asks; None is what was not read.

    `columns` and `keys` are data columns and partition keys in lower case, `tags` the LF-Tags in force by column.
    `own` is the owner's book, `local` that of the principal's account. `creator` is an ARN, `delivered` whether that
    account sees an active share of the catalog, `opened_by_policy` whether the catalog's resource policy allows it.
    `conditional_opt_ins` count for some sessions alone; `account_opt_ins` are those that it made itself;
    `always_opted_in` the principals that AWS opts in by their tag, see `PROJECT_TAG`. `beneath` is what a view needs besides.
    """

    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    own: Book | None = None
    local: Book | None = None
    is_hybrid: bool = False
    opt_ins: frozenset[OptIn] = frozenset()
    conditional_opt_ins: frozenset[OptIn] = frozenset()
    account_opt_ins: frozenset[OptIn] | None = None
    always_opted_in: frozenset[str] = frozenset()
    creator: str | None = None
    admins: frozenset[str] | None = None
    delivered: bool | None = None
    opened_by_policy: bool | None = None
    beneath: tuple[Step, ...] = ()


def readers_in(facts: Facts, database: str, table: str) -> frozenset[str]:
    """Who holds something by which data of the table may be read: by name, by all its database's tables, or by tags."""
    held = facts.own.held if facts.own else {}
    readable = (one for one in held if one.verb in READING and not one.grantable)
    return frozenset(one.principal for one in readable if _reaches(one, facts, (database, table)))


def _reaches(one: Permission, facts: Facts, table: tuple[str, str]) -> bool:
    if one.policy:
        fits = any(one.policy.expression.fits(tags) for tags in facts.tags.values())
        return one.policy.kind == "TABLE" and (fits or one.policy.is_unread)
    return (one.database, one.table) in {table, (table[0], ALL_TABLES)}


def explain(asked: Asked, facts: Facts) -> Answer:
    """The verdict with every way that leads to the column or stops short of it."""
    if asked.column not in (*facts.columns, *facts.keys):
        gone = Step(State.LACKS, f"the table has no column {asked.column}", Source.MIRROR)
        return answer(asked, [Way((gone,))])
    search = _Search(asked, facts)
    ways = [way.then(*facts.beneath) for way in search.ways()]
    return answer(asked, ways, search.notes())


@dataclass(frozen=True)
class _Search:
    asked: Asked
    facts: Facts

    @cached_property
    def _wanted(self) -> tuple[str, ...]:
        """The data columns of which one must be readable."""
        return self.facts.columns if self.asked.column in self.facts.keys else (self.asked.column,)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset({self.asked.principal, f"{self.asked.account}{IAM_PRINCIPALS}"})

    def ways(self) -> Iterator[Way]:
        if self.facts.own is None:
            yield Way((Step(State.UNKNOWN, "the catalog's permissions have not been read yet", Source.NONE),))
            return
        for holder, way in self._given(self.facts.own):
            if holder in self._names:
                yield way.then(*self._in_hybrid_mode(), *self._across())
            elif holder == IAM_ALLOWED_PRINCIPALS:
                yield way.then(*self._by_iam())
            elif not self.asked.is_at_home and holder == self.asked.account:
                yield way.then(*self._in_hybrid_mode(), *self._across(), self._passed_on())
            elif not self.asked.is_at_home and ":organizations:" in holder:
                belongs = Step(State.UNKNOWN, f"which accounts belong to {holder} was not read", Source.NONE)
                yield way.then(belongs, *self._across(), self._passed_on())
        yield from self._by_making()

    def notes(self) -> Iterator[Step]:
        """What decides nothing: administrators, and permissions that are no reading."""
        if self.asked.principal in (self.facts.admins or ()):
            text = "it is a data lake administrator: that alone gives no access, but it can grant itself all of this"
            yield Step(State.HOLDS, text)
        for one in self._mine(self.facts.own.held if self.facts.own else {}):
            if one.verb not in READING or not one.table:
                text = f"it holds {worded(one.verb, one.resource)}, which shows no data"
                yield Step(State.HOLDS, text, permission=one)

    def _mine(self, held: Held) -> Iterator[Permission]:
        about = {"", ALL_TABLES, self.asked.table}
        for one in held:
            is_here = one.database == self.asked.database and one.table in about and not one.grantable
            if is_here and one.principal in self._names:
                yield one

    def _given(self, book: Book) -> Iterator[tuple[str, Way]]:
        """By holder, each permission to read the table, and whether it covers the column."""
        here = {self.asked.table, ALL_TABLES}
        for one, columns in book.held.items():
            if one.grantable or one.verb not in READING:
                continue
            if one.policy and one.policy.kind == "TABLE":
                yield one.principal, Way((self._tagged(one, one.policy), *_conditions(one)))
            elif one.database == self.asked.database and one.table in here:
                way = self._filtered(one, book) if one.cells_filter else self._named(one, columns)
                yield one.principal, way.then(*_conditions(one))

    def _named(self, one: Permission, columns: ColumnSet) -> Way:
        is_cut = one.verb == SELECT and one.table != ALL_TABLES
        what = worded(one.verb, one.resource, columns_worded(columns, 6) if is_cut else "")
        if not is_cut or any(column in columns for column in self._wanted):
            return Way((Step(State.HOLDS, f"{_who(one.principal)} holds {what}", permission=one),))
        text = f"{_who(one.principal)} holds {what}, and {self.asked.column} is not among them"
        return Way((Step(State.LACKS, text, permission=one),))

    def _filtered(self, one: Permission, book: Book) -> Way:
        what = worded(one.verb, one.resource, cells_worded(one.cells_filter))
        key = (one.database, one.table, one.cells_filter)
        found = (self.facts.own or book).filters.get(key) or book.filters.get(key)
        if found is None:
            text = f"{_who(one.principal)} holds {what}, and that filter was not read"
            return Way((Step(State.UNKNOWN, text, permission=one),))
        if lacking := _columns_in(found.rows) - {*self.facts.columns, *self.facts.keys}:
            text = f"{_who(one.principal)} holds {what}, whose rule looks at {', '.join(sorted(lacking))}, which no longer exists"
            return Way((Step(State.LACKS, text, permission=one),))
        shows = f"{columns_worded(found.columns, 6)} in {rows_worded(found.rows)}"
        covers = any(column in found.columns for column in self._wanted)
        besides = "" if covers else f", and not {self.asked.column}"
        text = f"{_who(one.principal)} holds {what}, which shows {shows}{besides}"
        return Way((Step(State.HOLDS if covers else State.LACKS, text, permission=one),), found.rows)

    def _tagged(self, one: Permission, policy: TagPolicy) -> Step:
        what = f"{_who(one.principal)} holds {worded(one.verb, one.resource)}"
        if policy.is_unread:
            return Step(State.UNKNOWN, f"{what}, and that expression was not read", permission=one)
        if any(policy.expression.fits(self.facts.tags.get(column, {})) for column in self._wanted):
            return Step(State.HOLDS, f"{what}, as {self.asked.column} is tagged", permission=one)
        carried = self.facts.tags.get(self.asked.column, {})
        tags = ", ".join(f"{key}={value}" for key, value in sorted(carried.items())) or "no tags"
        text = f"{what}, and {self.asked.column} has {tags}"
        return Step(State.LACKS, text, permission=one)

    def _by_making(self) -> Iterator[Way]:
        if not self.asked.is_at_home or self.asked.principal.endswith(":root"):
            return
        if self.facts.creator is None:
            text = "who created the table was not read, and its creator can read all of it"
            yield Way((Step(State.UNKNOWN, text, Source.NONE), *self._in_hybrid_mode()))
        elif is_made_by(self.facts.creator, self.asked.principal):
            made = Step(State.HOLDS, "it created the table, and so holds everything on it", Source.MIRROR)
            yield Way((made, *self._in_hybrid_mode()))

    @cached_property
    def _opted_in(self) -> State:
        if self.asked.principal in self.facts.always_opted_in:
            return State.HOLDS
        if self._is_among(self.facts.opt_ins) or self._is_among(self.facts.account_opt_ins or frozenset()):
            return State.HOLDS
        if self._is_conditional:
            return State.UNKNOWN
        is_read = self.asked.is_at_home or self.facts.account_opt_ins is not None
        return State.LACKS if is_read else State.UNKNOWN

    @cached_property
    def _is_conditional(self) -> bool:
        """Whether an opt-in covers it only together with one that has a condition."""
        return self._is_among(self.facts.opt_ins | self.facts.conditional_opt_ins)

    def _is_among(self, opt_ins: frozenset[OptIn]) -> bool:
        asked = self.asked
        on = {
            name: OptIn(asked.place, asked.principal, asked.database, name)
            for name in (ALL_TABLES, "", asked.table)
        }
        return on[asked.table] in opt_ins or {on[""], on[ALL_TABLES]} <= opt_ins

    def _in_hybrid_mode(self) -> Iterator[Step]:
        """What a permission of the principal's own needs where Lake Formation decides for some alone."""
        if self.facts.is_hybrid:
            said = {
                State.HOLDS: "the data is in hybrid access mode, and it opted in",
                State.LACKS: "the data is in hybrid access mode, and it did not opt in, so IAM decides for it",
                State.UNKNOWN: "the data is in hybrid access mode; whether its own account opted it in was not read",
            }
            if self._opted_in is State.UNKNOWN and self._is_conditional:
                said[State.UNKNOWN] = (
                    "the data is in hybrid access mode, and it opted in under a condition, which is not evaluated here"
                )
            yield Step(self._opted_in, said[self._opted_in])

    def _by_iam(self) -> Iterator[Step]:
        """What IAMAllowedPrincipals holds is for everyone at home, as far as IAM lets them."""
        if self.facts.is_hybrid and self._opted_in is not State.LACKS:
            text = "it opted in to Lake Formation, so the permission of every role that IAM allows no longer applies to it"
            yield Step(State.LACKS if self._opted_in is State.HOLDS else State.UNKNOWN, text)
        if self.asked.is_at_home:
            yield Step(State.HOLDS, "so its IAM permissions decide, which are not read here", Source.NONE)
        else:
            known = {
                True: (State.HOLDS, "the catalog's resource policy allows it"),
                False: (
                    State.LACKS,
                    "it is in another account, and no resource policy of the catalog allows it",
                ),
                None: (
                    State.UNKNOWN,
                    "it is of another account; whether the catalog's resource policy allows it is not read",
                ),
            }
            state, text = known[self.facts.opened_by_policy]
            yield Step(
                state, text, Source.CATALOG if self.facts.opened_by_policy is not None else Source.NONE
            )

    def _across(self) -> Iterator[Step]:
        if self.asked.is_at_home:
            return
        account = self.asked.account
        known = {
            True: (State.HOLDS, f"account {account} sees an active share of the catalog", Source.SHARE),
            False: (State.LACKS, f"account {account} sees no active share of the catalog", Source.SHARE),
            None: (State.UNKNOWN, f"what is shared with account {account} was not read", Source.NONE),
        }
        yield Step(*known[self.facts.delivered])

    def _passed_on(self) -> Step:
        """What the account was given reaches the principal only by a grant inside the account."""
        account = self.asked.account
        if self.facts.local is None:
            text = f"what the admins of {account} passed on to its roles was not read"
            return Step(State.UNKNOWN, text, Source.NONE)
        found = [way for holder, way in self._given(self.facts.local) if holder in self._names]
        best = next(iter(answer(self.asked, found).ways), None)
        if best is None or best.state is State.LACKS:
            return Step(State.LACKS, f"in account {account} nobody passed it on", Source.SHARE)
        first = best.steps[0]
        return Step(first.state, f"in account {account}, {first.text}", Source.SHARE, first.permission)


def _conditions(one: Permission) -> Iterator[Step]:
    """Whether it is met depends on the session that asks."""
    if one.condition:
        yield Step(State.UNKNOWN, f"only where {one.condition}, which is not evaluated here", permission=one)


def _who(principal: str) -> str:
    if principal == IAM_ALLOWED_PRINCIPALS:
        return "every role that IAM allows"
    if principal.endswith(IAM_PRINCIPALS):
        return f"every role and user of account {principal.removesuffix(IAM_PRINCIPALS)}"
    return principal.rsplit("/", 1)[-1] if principal.startswith("arn:") else f"account {principal}"


def _columns_in(rule: str) -> frozenset[str]:
    """None where the rule is in words that are not read here: AWS took it, so its columns were there."""
    try:
        return frozenset(name.lower() for name in columns_of(parse(rule))) if rule else frozenset()
    except RowRuleError:
        return frozenset()
