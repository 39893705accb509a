"""All access paths by which a principal could read a column, open or not.

Rules, from AWS's developer guide: SELECT comes from a row on the table, on all its database's tables, on a data cells
filter or on an LF-Tag policy; who made a table in its own account holds everything on it; an administrator reads
nothing by that alone ("implicit permissions"). Partition keys come with any column ("data filtering notes"). What an
account was given reaches a role of it only together with a grant inside it; across accounts nothing works before the
share is accepted ("cross-account notes"). In hybrid access mode a permission counts for those alone who opted in to the
table, or to the database and all its tables, and for others what IAM lets them do ("hybrid access mode").
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from lakeformation.explanation.answers import (
    AccessPath,
    ColumnExplanation,
    ColumnQuestion,
    ColumnVisibility,
    EvidenceSource,
    Step,
    StepState,
    build_explanation,
)
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, UnknownRow
from lakeformation.values.arn import is_created_by
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.messages import gettext_noop, message
from lakeformation.values.permissions import (
    ALL_TABLES,
    READING_VERBS,
    SELECT,
    DataCatalog,
    HeldPermissions,
    OptIn,
    Permission,
)
from lakeformation.values.row_filters import RowFilterError, list_columns, parse_row_filter
from lakeformation.values.row_policies import RowPolicyAttachment, describe_row_doubt
from lakeformation.values.tag_expressions import TagPolicy
from lakeformation.values.wording import (
    describe_cells_filter,
    describe_columns,
    describe_permission,
    describe_rows,
)

_ACCOUNT = message(gettext_noop("account %(account)s"))
_SHOWS = message(gettext_noop("%(who)s holds %(what)s, which shows %(columns)s in %(rows)s"))
_SHOWS_OTHERS = message(
    gettext_noop("%(who)s holds %(what)s, which shows %(columns)s in %(rows)s, and not %(column)s")
)
_TAGGED_OTHERWISE = message(gettext_noop("%(what)s, and %(column)s has %(tags)s"))
_NO_TAGS = message(gettext_noop("no tags"))
_NO_COLUMN = message(gettext_noop("the table has no column %(column)s"))
_PERMISSIONS_UNREAD = message(gettext_noop("the catalog's permissions have not been read yet"))
_ACCOUNTS_UNREAD = message(gettext_noop("which accounts belong to %(holder)s was not read"))
_NOT_JUDGED = message(gettext_noop("%(what)s, which this version cannot judge"))
_ROW_POLICY = message(
    gettext_noop(
        "row-level security policy %(policy)s is attached, and AWS does not document whether that alone shows rows"
    )
)
_ADMINISTRATOR = message(
    gettext_noop(
        "it is a data lake administrator: that alone gives no access, but it can grant itself all of this"
    )
)
_SHOWS_NO_DATA = message(gettext_noop("it holds %(permission)s, which shows no data"))
_HOLDS = message(gettext_noop("%(who)s holds %(what)s"))
_HOLDS_OTHERS = message(gettext_noop("%(who)s holds %(what)s, and %(column)s is not among them"))
_FILTER_UNREAD = message(gettext_noop("%(who)s holds %(what)s, and that filter was not read"))
_FILTER_BROKEN = message(
    gettext_noop("%(who)s holds %(what)s, whose rule looks at %(columns)s, which no longer exists")
)
_EXPRESSION_UNREAD = message(gettext_noop("%(what)s, and that expression was not read"))
_TAGGED = message(gettext_noop("%(what)s, as %(column)s is tagged"))
_CREATOR_UNREAD = message(
    gettext_noop("who created the table was not read, and its creator can read all of it")
)
_CREATOR = message(gettext_noop("it created the table, and so holds everything on it"))
_OPTED_IN = message(gettext_noop("the data is in hybrid access mode, and it opted in"))
_NOT_OPTED_IN = message(
    gettext_noop("the data is in hybrid access mode, and it did not opt in, so IAM decides for it")
)
_OPT_IN_UNREAD = message(
    gettext_noop("the data is in hybrid access mode; whether its own account opted it in was not read")
)
_OPT_IN_CONDITION = message(
    gettext_noop(
        "the data is in hybrid access mode, and it opted in under a condition, which is not evaluated here"
    )
)
_OPT_IN_REPLACES = message(
    gettext_noop(
        "it opted in to Lake Formation, so the permission of every role that IAM allows no longer applies to it"
    )
)
_IAM_DECIDES = message(gettext_noop("so its IAM permissions decide, which are not read here"))
_POLICY_ALLOWS = message(gettext_noop("the catalog's resource policy allows it"))
_POLICY_REFUSES = message(
    gettext_noop("it is in another account, and no resource policy of the catalog allows it")
)
_POLICY_UNREAD = message(
    gettext_noop("it is of another account; whether the catalog's resource policy allows it is not read")
)
_IN_SHARE = message(gettext_noop("account %(account)s sees the table in an active share of the catalog"))
_IN_NO_SHARE = message(gettext_noop("account %(account)s sees the table in no active share of the catalog"))
_SHARE_UNREAD = message(gettext_noop("what is shared with account %(account)s was not read"))
_PASSED_ON_UNREAD = message(
    gettext_noop("what the admins of %(account)s passed on to its roles was not read")
)
_NOT_PASSED_ON = message(gettext_noop("in account %(account)s nobody passed it on"))
_IN_ACCOUNT = message(gettext_noop("in account %(account)s, %(step)s"))
_CONDITION = message(gettext_noop("only where %(condition)s, which is not evaluated here"))
_EVERY_ROLE = message(gettext_noop("every role that IAM allows"))
_EVERY_ROLE_OF = message(gettext_noop("every role and user of account %(account)s"))

IAM_PRINCIPALS = ":IAMPrincipals"
"""Behind an account's id: all roles and users of the account (AWS, "granting data lake permissions")."""
PROJECT_TAG = "AmazonDataZoneProject"
"""Principals with this tag are opted in to everything (AWS Lake Formation Developer Guide, hybrid access mode)."""


@dataclass(frozen=True)
class CatalogPermissions:
    """Permissions and filters that one account's Lake Formation lists on the table's catalog."""

    held: HeldPermissions = field(default_factory=dict)
    filters: Mapping[FilterKey, CellsFilter] = field(default_factory=dict)


@dataclass(frozen=True)
class AccessFacts:
    """What is known of a table and of who asks; None is what was not read.

    `columns` and `partition_keys` are data columns and partition keys in lower case, `tags` the LF-Tags in force by column.
    `owner_permissions` and `account_permissions` are what the owner's and the principal's account list.
    `creator` is an ARN. `is_share_delivered`: the principal's account sees the table in an active share of the catalog;
    `is_allowed_by_policy`: its resource policy allows it. `conditional_opt_ins` count for some sessions only;
    `account_opt_ins`: made by that account; `always_opted_in`: by `PROJECT_TAG`. `view_steps`: of a view. `unknown_rows` of
    either account cannot be judged. `row_policies` are attached to the table, for whomever; `row_policies_unread` says why
    they are not known.
    """

    columns: tuple[str, ...]
    partition_keys: tuple[str, ...] = ()
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    owner_permissions: CatalogPermissions | None = None
    account_permissions: CatalogPermissions | None = None
    is_hybrid: bool = False
    opt_ins: frozenset[OptIn] = frozenset()
    conditional_opt_ins: frozenset[OptIn] = frozenset()
    account_opt_ins: frozenset[OptIn] | None = None
    always_opted_in: frozenset[str] = frozenset()
    creator: str | None = None
    admins: frozenset[str] | None = None
    is_share_delivered: bool | None = None
    is_allowed_by_policy: bool | None = None
    view_steps: tuple[Step, ...] = ()
    unknown_rows: frozenset[UnknownRow] = frozenset()
    row_policies: tuple[RowPolicyAttachment, ...] = ()
    row_policies_unread: str = ""


def find_readers(facts: AccessFacts, database: str, table: str) -> frozenset[str]:
    """Who holds something by which data of the table may be read: by name, by all its database's tables, or by tags."""
    held = facts.owner_permissions.held if facts.owner_permissions else {}
    readable = (one for one in held if one.verb in READING_VERBS and not one.grantable)
    return frozenset(one.principal for one in readable if _is_about_table(one, facts, (database, table)))


def _is_about_table(permission: Permission, facts: AccessFacts, table: tuple[str, str]) -> bool:
    if permission.policy:
        fits = any(permission.policy.expression.matches(tags) for tags in facts.tags.values())
        return permission.policy.kind == "TABLE" and (fits or permission.policy.is_expression_unknown)
    return (permission.database, permission.table) in {table, (table[0], ALL_TABLES)}


def explain_column_access(question: ColumnQuestion, facts: AccessFacts) -> ColumnExplanation:
    """Whether the principal sees the column, with every path that leads to it or is blocked."""
    if question.column not in (*facts.columns, *facts.partition_keys):
        gone = Step(StepState.LACKS, _NO_COLUMN.format(column=question.column), EvidenceSource.MIRROR)
        return build_explanation(question, [AccessPath((gone,))])
    search = _PathSearch(question, facts)
    ways = [way.extend(*facts.view_steps) for way in search.find_paths()]
    if not any(way.state is StepState.HOLDS for way in ways):
        ways += search.find_policy_paths()
    return build_explanation(question, ways, search.find_notes(), row_doubt=search.get_row_doubt())


@dataclass(frozen=True)
class _PathSearch:
    question: ColumnQuestion
    facts: AccessFacts

    @cached_property
    def _data_columns(self) -> tuple[str, ...]:
        """The data columns of which one must be readable."""
        return (
            self.facts.columns
            if self.question.column in self.facts.partition_keys
            else (self.question.column,)
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset({self.question.principal, f"{self.question.account}{IAM_PRINCIPALS}"})

    def find_paths(self) -> Iterator[AccessPath]:
        if self.facts.owner_permissions is None:
            yield AccessPath(
                (
                    Step(
                        StepState.UNKNOWN,
                        _PERMISSIONS_UNREAD.format(),
                        EvidenceSource.NONE,
                    ),
                )
            )
            return
        for holder, way in self._find_read_paths(self.facts.owner_permissions):
            if holder in self._names:
                yield way.extend(*self._check_hybrid_mode(), *self._check_share())
            elif holder == IAM_ALLOWED_PRINCIPALS:
                yield way.extend(*self._check_iam())
            elif not self.question.is_owner_account and holder == self.question.account:
                yield way.extend(*self._check_hybrid_mode(), *self._check_share(), self._check_passed_on())
            elif not self.question.is_owner_account and ":organizations:" in holder:
                belongs = Step(StepState.UNKNOWN, _ACCOUNTS_UNREAD.format(holder=holder), EvidenceSource.NONE)
                yield way.extend(belongs, *self._check_share(), self._check_passed_on())
        yield from self._find_creator_paths()
        for row in sorted(self.facts.unknown_rows):
            if row.gives_access and row.may_concern(self.question.principal):
                text = _NOT_JUDGED.format(what=row.describe())
                yield AccessPath((Step(StepState.UNKNOWN, text),))

    @cached_property
    def _row_policies(self) -> list[RowPolicyAttachment]:
        return [policy for policy in self.facts.row_policies if policy.may_concern(self.question.principal)]

    def find_policy_paths(self) -> Iterator[AccessPath]:
        """Paths by row-level security policies that are attached to the principal: whether they alone show rows is
        not known.
        """
        for policy in self._row_policies:
            if policy.principal:
                text = _ROW_POLICY.format(policy=policy.describe())
                yield AccessPath((Step(StepState.UNKNOWN, text),))

    def get_row_doubt(self) -> str:
        """Why it is not known which rows are seen of what is seen."""
        own = self.facts.row_policies_unread or describe_row_doubt(self._row_policies)
        return own or next((step.row_doubt for step in self.facts.view_steps if step.row_doubt), "")

    def find_notes(self) -> Iterator[Step]:
        """Notes that decide nothing: administrators, and permissions that do not read data."""
        if self.question.principal in (self.facts.admins or ()):
            text = _ADMINISTRATOR.format()
            yield Step(StepState.HOLDS, text)
        for permission in self._find_own_permissions(
            self.facts.owner_permissions.held if self.facts.owner_permissions else {}
        ):
            if permission.verb not in READING_VERBS or not permission.table:
                text = _SHOWS_NO_DATA.format(
                    permission=describe_permission(permission.verb, permission.resource)
                )
                yield Step(StepState.HOLDS, text, permission=permission)

    def _find_own_permissions(self, held: HeldPermissions) -> Iterator[Permission]:
        about = {"", ALL_TABLES, self.question.table}
        for one in held:
            is_here = one.database == self.question.database and one.table in about and not one.grantable
            if is_here and one.principal in self._names:
                yield one

    def _find_read_paths(self, book: CatalogPermissions) -> Iterator[tuple[str, AccessPath]]:
        """By holder, each permission to read the table, and whether it covers the column."""
        here = {self.question.table, ALL_TABLES}
        for one, columns in book.held.items():
            if one.grantable or one.verb not in READING_VERBS:
                continue
            if one.policy and one.policy.kind == "TABLE":
                yield one.principal, AccessPath((self._check_tags(one, one.policy), *_check_conditions(one)))
            elif one.database == self.question.database and one.table in here:
                way = self._check_filter(one, book) if one.cells_filter else self._check_columns(one, columns)
                yield one.principal, way.extend(*_check_conditions(one))

    def _check_columns(self, permission: Permission, columns: ColumnSet) -> AccessPath:
        is_cut = permission.verb == SELECT and permission.table != ALL_TABLES
        what = describe_permission(
            permission.verb, permission.resource, describe_columns(columns, 6) if is_cut else ""
        )
        if not is_cut or any(column in columns for column in self._data_columns):
            return AccessPath(
                (
                    Step(
                        StepState.HOLDS,
                        _HOLDS.format(who=_describe_holder(permission.principal), what=what),
                        permission=permission,
                    ),
                )
            )
        text = _HOLDS_OTHERS.format(
            who=_describe_holder(permission.principal), what=what, column=self.question.column
        )
        return AccessPath((Step(StepState.LACKS, text, permission=permission),))

    def _check_filter(self, permission: Permission, book: CatalogPermissions) -> AccessPath:
        what = describe_permission(
            permission.verb, permission.resource, describe_cells_filter(permission.cells_filter)
        )
        key = (permission.database, permission.table, permission.cells_filter)
        found = (self.facts.owner_permissions or book).filters.get(key) or book.filters.get(key)
        if found is None:
            text = _FILTER_UNREAD.format(who=_describe_holder(permission.principal), what=what)
            return AccessPath((Step(StepState.UNKNOWN, text, permission=permission),))
        if lacking := _list_columns(found.rows) - {*self.facts.columns, *self.facts.partition_keys}:
            text = _FILTER_BROKEN.format(
                who=_describe_holder(permission.principal), what=what, columns=", ".join(sorted(lacking))
            )
            return AccessPath((Step(StepState.LACKS, text, permission=permission),))
        shown = {"columns": describe_columns(found.columns, 6), "rows": describe_rows(found.rows)}
        covers = any(column in found.columns for column in self._data_columns)
        holder = _describe_holder(permission.principal)
        if covers:
            text = _SHOWS.format(who=holder, what=what, **shown)
        else:
            text = _SHOWS_OTHERS.format(who=holder, what=what, column=self.question.column, **shown)
        return AccessPath(
            (Step(StepState.HOLDS if covers else StepState.LACKS, text, permission=permission),), found.rows
        )

    def _check_tags(self, permission: Permission, policy: TagPolicy) -> Step:
        what = _HOLDS.format(
            who=_describe_holder(permission.principal),
            what=describe_permission(permission.verb, permission.resource),
        )
        if policy.is_expression_unknown:
            return Step(StepState.UNKNOWN, _EXPRESSION_UNREAD.format(what=what), permission=permission)
        if any(policy.expression.matches(self.facts.tags.get(column, {})) for column in self._data_columns):
            return Step(
                StepState.HOLDS, _TAGGED.format(what=what, column=self.question.column), permission=permission
            )
        carried = self.facts.tags.get(self.question.column, {})
        tags = ", ".join(f"{key}={value}" for key, value in sorted(carried.items())) or _NO_TAGS.format()
        text = _TAGGED_OTHERWISE.format(what=what, column=self.question.column, tags=tags)
        return Step(StepState.LACKS, text, permission=permission)

    def _find_creator_paths(self) -> Iterator[AccessPath]:
        if not self.question.is_owner_account or self.question.principal.endswith(":root"):
            return
        if self.facts.creator is None:
            text = _CREATOR_UNREAD.format()
            yield AccessPath((Step(StepState.UNKNOWN, text, EvidenceSource.NONE), *self._check_hybrid_mode()))
        elif is_created_by(self.facts.creator, self.question.principal):
            made = Step(StepState.HOLDS, _CREATOR.format(), EvidenceSource.MIRROR)
            yield AccessPath((made, *self._check_hybrid_mode()))

    @cached_property
    def _opt_in_state(self) -> StepState:
        if self.question.principal in self.facts.always_opted_in:
            return StepState.HOLDS
        if self._is_among(self.facts.opt_ins) or self._is_among(self.facts.account_opt_ins or frozenset()):
            return StepState.HOLDS
        if self._is_conditional:
            return StepState.UNKNOWN
        is_read = self.question.is_owner_account or self.facts.account_opt_ins is not None
        return StepState.LACKS if is_read else StepState.UNKNOWN

    @cached_property
    def _is_conditional(self) -> bool:
        """Whether an opt-in covers it only together with one that has a condition."""
        return self._is_among(self.facts.opt_ins | self.facts.conditional_opt_ins)

    def _is_among(self, opt_ins: frozenset[OptIn]) -> bool:
        asked = self.question
        on = {
            name: OptIn(asked.catalog, asked.principal, asked.database, name)
            for name in (ALL_TABLES, "", asked.table)
        }
        return on[asked.table] in opt_ins or {on[""], on[ALL_TABLES]} <= opt_ins

    def _check_hybrid_mode(self) -> Iterator[Step]:
        """Whether the principal opted in, where the data are in hybrid access mode."""
        if self.facts.is_hybrid:
            said = {
                StepState.HOLDS: _OPTED_IN.format(),
                StepState.LACKS: _NOT_OPTED_IN.format(),
                StepState.UNKNOWN: _OPT_IN_UNREAD.format(),
            }
            if self._opt_in_state is StepState.UNKNOWN and self._is_conditional:
                said[StepState.UNKNOWN] = _OPT_IN_CONDITION.format()
            yield Step(self._opt_in_state, said[self._opt_in_state])

    def _check_iam(self) -> Iterator[Step]:
        """What IAMAllowedPrincipals holds is for everyone at home, as far as IAM lets them."""
        if self.facts.is_hybrid and self._opt_in_state is not StepState.LACKS:
            text = _OPT_IN_REPLACES.format()
            yield Step(StepState.LACKS if self._opt_in_state is StepState.HOLDS else StepState.UNKNOWN, text)
        if self.question.is_owner_account:
            yield Step(StepState.HOLDS, _IAM_DECIDES.format(), EvidenceSource.NONE)
        else:
            known = {
                True: (StepState.HOLDS, _POLICY_ALLOWS.format()),
                False: (
                    StepState.LACKS,
                    _POLICY_REFUSES.format(),
                ),
                None: (
                    StepState.UNKNOWN,
                    _POLICY_UNREAD.format(),
                ),
            }
            state, text = known[self.facts.is_allowed_by_policy]
            yield Step(
                state,
                text,
                EvidenceSource.CATALOG
                if self.facts.is_allowed_by_policy is not None
                else EvidenceSource.NONE,
            )

    def _check_share(self) -> Iterator[Step]:
        if self.question.is_owner_account:
            return
        account = self.question.account
        known = {
            True: (
                StepState.HOLDS,
                _IN_SHARE.format(account=account),
                EvidenceSource.SHARE,
            ),
            False: (
                StepState.LACKS,
                _IN_NO_SHARE.format(account=account),
                EvidenceSource.SHARE,
            ),
            None: (
                StepState.UNKNOWN,
                _SHARE_UNREAD.format(account=account),
                EvidenceSource.NONE,
            ),
        }
        yield Step(*known[self.facts.is_share_delivered])

    def _check_passed_on(self) -> Step:
        """What the account was given reaches the principal only by a grant inside the account."""
        account = self.question.account
        if self.facts.account_permissions is None:
            text = _PASSED_ON_UNREAD.format(account=account)
            return Step(StepState.UNKNOWN, text, EvidenceSource.NONE)
        found = [
            way
            for holder, way in self._find_read_paths(self.facts.account_permissions)
            if holder in self._names
        ]
        best = next(iter(build_explanation(self.question, found).paths), None)
        if best is None or best.state is StepState.LACKS:
            return Step(StepState.LACKS, _NOT_PASSED_ON.format(account=account), EvidenceSource.SHARE)
        first = best.steps[0]
        return Step(
            first.state,
            _IN_ACCOUNT.format(account=account, step=first.text),
            EvidenceSource.SHARE,
            first.permission,
        )


def _check_conditions(permission: Permission) -> Iterator[Step]:
    """Whether it is met depends on the session that asks."""
    if permission.condition:
        yield Step(
            StepState.UNKNOWN,
            _CONDITION.format(condition=permission.condition),
            permission=permission,
        )


def _describe_holder(principal: str) -> str:
    if principal == IAM_ALLOWED_PRINCIPALS:
        return _EVERY_ROLE.format()
    if principal.endswith(IAM_PRINCIPALS):
        return _EVERY_ROLE_OF.format(account=principal.removesuffix(IAM_PRINCIPALS))
    return (
        principal.rsplit("/", 1)[-1] if principal.startswith("arn:") else _ACCOUNT.format(account=principal)
    )


def _list_columns(row_filter: str) -> frozenset[str]:
    """Empty where the row filter cannot be parsed: AWS accepted it, so its columns exist."""
    try:
        return (
            frozenset(name.lower() for name in list_columns(parse_row_filter(row_filter)))
            if row_filter
            else frozenset()
        )
    except RowFilterError:
        return frozenset()


@dataclass(frozen=True)
class ColumnLoss:
    """The columns of a table that a principal sees only by the permission, and those that it sees without it, too.

    `remaining_columns` are known to stay visible: an unknown path counts as closed.
    """

    principal: str
    lost_columns: tuple[str, ...]
    remaining_columns: tuple[str, ...]


def find_losses(
    place: DataCatalog,
    facts: AccessFacts,
    table: tuple[str, str],
    gone: Permission,
    principals: Iterable[str],
) -> list[ColumnLoss]:
    """For each of the principals, of a table by database and name."""
    after = remove_permission(facts, gone)
    return [
        ColumnLoss(
            principal,
            tuple(
                column
                for column in _list_visible_columns(place, facts, table, principal)
                if column not in kept
            ),
            kept,
        )
        for principal in principals
        for kept in [_list_visible_columns(place, after, table, principal)]
    ]


def remove_permission(facts: AccessFacts, gone: Permission) -> AccessFacts:
    """The facts without the permission and its grant option."""
    if facts.owner_permissions is None:
        return facts
    plain = replace(gone, grantable=False)
    held = {
        one: columns
        for one, columns in facts.owner_permissions.held.items()
        if replace(one, grantable=False) != plain
    }
    return replace(facts, owner_permissions=replace(facts.owner_permissions, held=held))


def _list_visible_columns(
    place: DataCatalog, facts: AccessFacts, table: tuple[str, str], principal: str
) -> tuple[str, ...]:
    asked = (
        ColumnQuestion(principal, place, *table, column) for column in (*facts.columns, *facts.partition_keys)
    )
    return tuple(
        one.column
        for one in asked
        if explain_column_access(one, facts).visibility is ColumnVisibility.VISIBLE
    )
