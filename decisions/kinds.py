"""The kinds of decisions. Each is registered once; inbox, counts, vacancies and the duties of leavers find it here.

When an application is ready, its modules `kind` are loaded, and each registers its kind. A person is a row of `identity.Person`, which
lies above this package.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from decisions.models import Proposal
from decisions.states import SHOWN_STATES, DecisionState, ShownState
from kernel.verdicts import Verdict
from lakeformation.values.canonical_json import digest

Person = Any
"""A row of `identity.Person`."""
ProposalRow = TypeVar("ProposalRow", bound=Proposal)


@dataclass(frozen=True, kw_only=True)
class WaitingRows:
    """Rows that wait for people, and the pages where people find them.

    `waits` selects those that wait for anybody, `list_visible` those that a person may see. Without `may_decide`, a person decides on all
    of these. `page` and `listing` are names of addresses; `argument` is the field that names a row in the address of its page. Without
    `page`, rows are on the list alone. Without `describe`, they are counted and not named; `is_english` where it is stored in
    English. `is_for_anyone`: also for those who are no
    data owner and no governance admin. `label` says what a row is, in a few words; `person_field` and `time_field` name who brought it up,
    and when; `get_due_at` is by when it is to be done, without it as the domain promises.
    """

    model: type[Model]
    waits: Q
    list_visible: Callable[[Person], QuerySet[Any]]
    may_decide: Callable[[Person, Any], object] | None
    describe_count: Callable[[int], str]
    listing: str
    page: str = ""
    argument: str = "pk"
    describe: Callable[[Any], str] | None = str
    is_english: bool = False
    is_for_anyone: bool = False
    label: str | Promise = ""
    person_field: str = ""
    time_field: str = ""
    get_due_at: Callable[[Any], datetime | None] | None = None

    def is_waiting(self, row: Model) -> bool:
        return self.model._default_manager.filter(self.waits, pk=row.pk).exists()  # noqa: SLF001


@dataclass(frozen=True, kw_only=True)
class Kind(WaitingRows):
    """A kind of decision.

    `list_deciders` returns the ids of those who may decide on a row now. `select_for_role` selects the rows on which holders of a role
    decide: of a team, or across the mesh where the team is None; None for a role that decides on none. `get_domain` is the domain whose
    data owners decide on a row; None where others do. `lacks_decider` is asked of rows on which several people decide.
    """

    name: str
    list_deciders: Callable[[Any], Collection[int]]
    select_for_role: Callable[[str, Any], Q | None]
    get_domain: Callable[[Any], Any]
    lacks_decider: Callable[[Any], bool] | None = None

    def is_undecidable(self, row: Model) -> bool:
        """Whether the row waits, and nobody who is active may decide on it."""
        lacks_decider = self.lacks_decider or (lambda one: not self.list_deciders(one))
        return self.is_waiting(row) and lacks_decider(row)

    def count_for_role(self, role: str, team: Model | None) -> int:
        """Counts the waiting rows on which holders of the role decide."""
        selected = self.select_for_role(role, team)
        if selected is None:
            return 0
        return self.model._default_manager.filter(self.waits, selected).count()  # noqa: SLF001


@dataclass(frozen=True, kw_only=True)
class Verbs:
    """Names in the audit log. Those of what nobody does with the rows of a kind are empty; `approve_by_itself` and `lapse` are of what
    happens without a person.
    """

    request: str
    approve: str
    reject: str
    withdraw: str = ""
    end: str = ""
    approve_by_itself: str = ""
    lapse: str = ""


@dataclass(frozen=True, kw_only=True)
class Parts(Generic[ProposalRow]):
    """How several people decide on a row, each on a part. The row carries the decider, the time, the comment and the event of an
    approval: `is_last` says whether nothing is left to approve after it, and `add` stores it.
    """

    is_last: Callable[[ProposalRow], bool]
    add: Callable[[ProposalRow], None]


@dataclass(frozen=True, kw_only=True)
class DecidedKind(Kind, Generic[ProposalRow]):
    """A kind whose rows are proposals, on which the verbs of `decisions.actions` act.

    `lock_first` takes the locks that come before that of a row. `refresh` brings what a row would do up to date before it is approved, and
    returns the fields that it set. `check` raises RefusedError where a row cannot be approved any more: its decider, comment and terms are
    set by then. `terms` are the fields that the decider sets. `build_effects` are what an approval makes true: a decider is shown them, and
    approves their digest; without it, that is what was requested, which never changes. `apply` carries them out, and returns the names of
    the fields that it set. `take_back` ends that. `tell` names in an event what it is about, and whom it is for, by the state that the row
    has then.

    `states` are those that its rows can have; `state_words` are the words of the API for them, where they are not those of `DecisionState`.
    `engine` is the actor of what happens by itself. With `keeps_withdrawal`, a row says who withdrew it, when and why.

    `get_status` is what people see of a row: its state, or what is proven of it, which is then one of `statuses`. `shown` says how they
    see each status, where it is not as `SHOWN_STATES` says. `list_problems` are what keeps an approved row from being carried out. `texts` are what notifications say of its
    events, by verb; what `withdraw` says is left out where nobody is told. `topic` is the kind of these notifications, if not that of
    decisions; they lead to `told_page`, if not to the row.
    `check_waiting` raises RefusedError where a row waits that is overdue.

    A rejection gives a reason if `demands_reason`, an approval a comment if `needs_comment`; `reason_needed` is said where it is missing.
    """

    model: type[ProposalRow]
    waits: Q = field(default=Q(state=DecisionState.WAITING))
    person_field: str = "requested_by"
    time_field: str = "requested_at"
    verbs: Verbs
    may_withdraw: Callable[[Person, ProposalRow], Verdict] | None = None
    may_approve: Callable[[Person, ProposalRow], Verdict]
    may_reject: Callable[[Person, ProposalRow], Verdict]
    may_end: Callable[[Person, ProposalRow], Verdict] | None = None
    lock_first: Callable[[ProposalRow], None] | None = None
    refresh: Callable[[ProposalRow], Collection[str]] | None = None
    check: Callable[[ProposalRow, datetime], None]
    terms: Collection[str] = ()
    parts: Parts[ProposalRow] | None = None
    build_effects: Callable[[ProposalRow], dict[str, Any]] | None = None
    apply: Callable[[ProposalRow, dict[str, Any], datetime], Collection[str]]
    take_back: Callable[[ProposalRow, datetime], None] | None = None
    tell: Callable[[ProposalRow], dict[str, Any]] = lambda row: {
        "what": str(row),
        "people": [row.requested_by_id],
    }
    state_words: Mapping[str, str] = field(default_factory=dict)
    states: Collection[DecisionState] = tuple(DecisionState)
    engine: str = ""
    keeps_withdrawal: bool = False
    needs_comment: bool = False
    reason_needed: str | Promise = ""
    get_status: Callable[[ProposalRow, datetime], str] = lambda row, _now: row.state
    statuses: Collection[str] = ()
    shown: Mapping[str, ShownState] = field(default_factory=dict)
    list_problems: Callable[[ProposalRow], Collection[str]] = lambda _row: ()
    texts: Mapping[str, str | Promise] = field(default_factory=dict)
    topic: str = ""
    told_page: str = ""
    check_waiting: Callable[[ProposalRow, datetime], None] = lambda _row, _now: None
    demands_reason: bool = True

    def is_waiting(self, row: Model) -> bool:
        return isinstance(row, Proposal) and row.is_waiting

    @property
    def end_word(self) -> str:
        """What ends an approval, in addresses and forms; empty where nothing does."""
        return self.verbs.end.partition("_")[0]

    def compute_effects_hash(self, row: ProposalRow) -> str:
        """Digests what an approval does; empty where that is what was requested."""
        return digest(self.build_effects(row)) if self.build_effects else ""

    def get_state_word(self, row: ProposalRow) -> str:
        return self.state_words.get(row.state, row.state)

    def show_status(self, status: str) -> ShownState:
        return self.shown.get(status) or SHOWN_STATES[status]


_kinds: dict[str, Kind] = {}
KindT = TypeVar("KindT", bound=Kind)


def register(kind: KindT) -> KindT:
    """Make a kind known. Each name and each model has one kind."""
    if kind.name in _kinds or any(known.model is kind.model for known in _kinds.values()):
        raise ValueError(kind.name)
    _kinds[kind.name] = kind
    return kind


def iterate_kinds() -> Iterator[Kind]:
    """In the order in which the applications are ready."""
    return iter(_kinds.values())


def iterate_decided_kinds() -> Iterator[DecidedKind[Any]]:
    return (kind for kind in iterate_kinds() if isinstance(kind, DecidedKind))


def find_kind(row: Model) -> Kind | None:
    """None where the row is nothing that somebody decides on."""
    return next((kind for kind in _kinds.values() if isinstance(row, kind.model)), None)
