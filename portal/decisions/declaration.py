"""What a kind of decision declares for its pages: its list, the page of one row, the form that asks, and the page that ends it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from decisions.kinds import DecidedKind
from decisions.models import Proposal
from fulfilment.intents.models import Intent
from fulfilment.timeline import TimelineEvent
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.lists.declaration import Column, ListPage, Text
from portal.pages.decisions import CHOOSE
from portal.pages.forms import DecisionForm, PageForm
from requests_app.display_states.vocabulary import DisplayState, Reason, State

NAME = Column(_("Name"), "name", is_labelled=False)
REQUESTED_BY = Column(_("Requested by"), "requested_by")
STATUS = Column(_("Status"), "components/cells.html#state", "state")


def get_decision_state(kind: DecidedKind[Any], row: Any, now: datetime) -> DisplayState:
    """What people see of a row, as its kind says."""
    return show_status(kind, kind.get_status(row, now))


def show_status(kind: DecidedKind[Any], status: str) -> DisplayState:
    state, reason = kind.show_status(status)
    return DisplayState(State(state), Reason(reason))


@dataclass(frozen=True)
class ListedDecision:
    row: Any
    state: DisplayState
    url: str


class DecisionList(ListPage):
    """The list of a kind: newest first, with all that the person may see. `request_label` is on the button that leads to the form."""

    kind: ClassVar[DecidedKind[Any]]
    template = "portal/decisions/list.html"
    cells = "portal/decisions/cells.html"
    columns: ClassVar[Sequence[Column]] = (NAME, REQUESTED_BY, STATUS)
    request_label: ClassVar[Text] = ""
    links: ClassVar[Sequence[tuple[Text, str]]] = ()
    """Further buttons: their text, and the name of the address."""

    def __init_subclass__(cls) -> None:
        cls.route = cls.kind.listing

    def may_request(self) -> bool:
        return False

    @cached_property
    def request_url(self) -> str:
        return reverse(f"{self.kind.page}-new") if self.may_request() else ""

    def list_rows(self) -> QuerySet[Any]:
        return self.kind.list_visible(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return [
            ListedDecision(
                row, get_decision_state(self.kind, row, self.now), reverse(self.kind.page, args=[row.pk])
            )
            for row in rows
        ]


@dataclass(frozen=True)
class OtherVerb:
    """What else than approve and reject may be done with a row that waits. It takes a comment, whose hint is `hint`."""

    label: Text
    done: Text
    act: Callable[..., object]
    may: Callable[[Person, Any], object]
    hint: Text


class DecisionPage:
    """The pages of a kind. A subclass declares it; `urls.build_page_urls` are its addresses.

    Templates have the row as `row` and under the name of its kind. Without templates of its own a kind shows `list_facts`.
    """

    kind: ClassVar[DecidedKind[Any]]
    listing: ClassVar[type[DecisionList]]
    path: ClassVar[str] = ""
    """Of the list's address, if not the name of that."""
    places: ClassVar[Sequence[str]] = ()
    """Pages of the navigation to which its pages belong."""
    is_name_code: ClassVar[bool] = False
    is_heading_code: ClassVar[bool] = False
    heading_language: ClassVar[str] = ""
    """Where that is not the reader's."""
    form_class: ClassVar[type[DecisionForm]] = DecisionForm
    """Of the decision, with the kind's terms."""
    detail_template: ClassVar[str] = ""
    """Of a page that is built otherwise, which shows `build_context` alone."""
    asked_template: ClassVar[str] = "portal/decisions/_facts.html"
    """What is asked for, in the panel of the decision."""
    panel_template: ClassVar[str] = ""
    """Further panels, before what happened."""
    waiting_title: ClassVar[Text] = _("What approval does")
    asked_title: ClassVar[Text] = _("What was requested")
    problem_title: ClassVar[Text] = _("Not as approved yet")
    requested_text: ClassVar[Text] = _("%(name)s requested it")
    approve_word: ClassVar[str] = "approve"
    """What the form sends to approve."""
    approve_label: ClassVar[Text] = _("Approve")
    comment_hint: ClassVar[Text] = _("required to reject")
    choose_text: ClassVar[Text] = CHOOSE
    done: ClassVar[Mapping[str, Text]]
    """What is said once it is done, by what the form sends: `approve_word`, `reject`, `withdraw`; and by `end`."""
    others: ClassVar[Mapping[str, OtherVerb]] = {}

    end_title: ClassVar[Text] = ""
    end_question: ClassVar[Text] = _("Why does it end?")
    end_readers: ClassVar[Text] = _("People in the domain read the reason.")

    new_template: ClassVar[str] = "portal/decisions/new.html"
    new_title: ClassVar[Text] = ""
    new_lead: ClassVar[Text] = ""
    sent: ClassVar[Text] = _("Sent. A data owner of the domain decides.")
    argument_fields: ClassVar[Mapping[str, str]] = {}
    """Fields of the form by what the verb calls them, where it is another name."""

    def __init_subclass__(cls) -> None:
        _pages[cls.kind.name] = cls

    def __init__(self, person: Person, now: datetime) -> None:
        self.person, self.now = person, now

    @property
    def list_title(self) -> Text:
        return self.listing.title

    @property
    def decide_route(self) -> str:
        return f"{self.kind.page}-decide"

    @property
    def end_route(self) -> str:
        return f"{self.kind.page}-end"

    def get_title(self, row: Any) -> str:
        """Returns the title of the page of a row."""
        return str(row)

    def get_heading(self, row: Any) -> str:
        return self.get_title(row)

    def get_reason(self, _row: Any) -> str:
        """Why it was requested."""
        return ""

    def get_end_title(self, _row: Any) -> str:
        return str(self.end_title)

    def get_end_lead(self, _row: Any) -> str:
        """What ending it does."""
        return ""

    def may_end(self, row: Any) -> bool:
        return bool(row.is_approved and self.kind.may_end and self.kind.may_end(self.person, row))

    def list_facts(self, _row: Any) -> Iterable[tuple[Text, str]]:
        """What is asked for, by label."""
        return ()

    def list_obstacles(self, _row: Any) -> Iterable[str]:
        """Why a row that waits cannot be approved now."""
        return ()

    def list_intents(self, _row: Any) -> Iterable[Intent | None]:
        """Those that carry it out."""
        return ()

    def list_own_events(self, _row: Any) -> Iterable[TimelineEvent]:
        """What happened between the request and the decision."""
        return ()

    def build_context(self, _row: Any) -> Mapping[str, Any]:
        """What the kind's own templates show besides."""
        return {}

    def build_form(self, _data: QueryDict | None, _query: QueryDict) -> PageForm:
        """The form that asks. NotFoundError for whoever may not."""
        raise NotFoundError

    def build_form_context(self, _query: QueryDict) -> Mapping[str, Any]:
        return {}

    def request(self, _form: Any) -> Proposal:
        """What the form asks for. RefusedError as of the kind's verb."""
        raise NotImplementedError


_pages: dict[str, type[DecisionPage]] = {}


def find_decision_page(name: str) -> type[DecisionPage] | None:
    """The pages of the kind of that name."""
    return _pages.get(name)
