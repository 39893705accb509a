"""What a product is made from and what of it lacks an approval, as a person may see it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.derivation.evaluation import Derivation, Subject, list_tables, read_derivation
from catalog.derivation.floor import ColumnFloor, Input
from catalog.derivation.kind import DERIVATION_REQUEST
from catalog.derivation.may import (
    filter_visible_inputs,
    find_visible_upstream,
    may_decide_derivation,
    may_request_derivation,
    may_revoke_derivation,
    may_withdraw_derivation,
    sees_derivation,
    sees_upstream,
)
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import list_requests
from catalog.derivation.wording import DerivationProblems, describe_problems, get_class_label
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, SharingTerms
from decisions.states import DecisionState
from identity.people.models import Person
from identity.role_changes.bars import get_bar_reason
from portal.decisions.declaration import show_status
from requests_app.display_states.vocabulary import CHECK_MARK_APPEARANCES, CheckMark, DisplayState


@dataclass(frozen=True)
class UpstreamTerms:
    """A product that another one is made from, and whether it may be passed on."""

    product: DataProduct
    is_blocked: bool

    @property
    def passing_on(self) -> str:
        return str(SharingTerms(self.product.passing_on).label)


@dataclass(frozen=True)
class DerivationSection:
    """For the product's page. `hidden_count` and `problems` are empty for who sees no floors."""

    upstream: tuple[UpstreamTerms, ...]
    hidden_count: int
    problems: DerivationProblems
    sees_floors: bool


@dataclass(frozen=True)
class InputRow:
    """`name` is empty for an input that the person may not see."""

    name: str
    owner: str
    class_label: str
    table: int | None = None


@dataclass(frozen=True)
class FloorRow:
    """`key` is what a form sends of it. `is_missing`: an owner's approval is."""

    key: str
    name: str
    classification: str
    floor: str
    inputs: tuple[InputRow, ...]
    hidden_count: int
    is_missing: bool
    is_below: bool

    @property
    def mark(self) -> CheckMark:
        if self.is_missing:
            return CheckMark.NO
        return CheckMark.ATTENTION if self.is_below else CheckMark.YES

    @property
    def word(self) -> str:
        if self.is_missing:
            return _("approval missing")
        return _("below, allowed") if self.is_below else _("kept")


@dataclass(frozen=True)
class RequestRow:
    """`upstream` is the domain's name, or says that the person may not see it."""

    request: DerivationRequest
    upstream: str

    @property
    def display_state(self) -> DisplayState:
        return show_status(DERIVATION_REQUEST, self.request.state)


@dataclass(frozen=True)
class RequestStep:
    """What happened, for `components/timeline.html`."""

    at: datetime
    text: str
    detail: str
    mark: CheckMark
    state: None = None
    is_upcoming: bool = False

    @property
    def tone(self) -> str:
        return CHECK_MARK_APPEARANCES[self.mark].tone

    @property
    def icon(self) -> str:
        return CHECK_MARK_APPEARANCES[self.mark].icon


@dataclass(frozen=True)
class RequestedColumn:
    name: str
    input: str
    floor: str
    classification: str


@dataclass(frozen=True)
class RequestDetails:
    row: RequestRow
    columns: tuple[RequestedColumn, ...]
    passed_on: tuple[DataProduct, ...]
    timeline: tuple[RequestStep, ...]
    may_decide: bool
    barred: str
    may_withdraw: bool
    may_revoke: bool


def build_derivation_section(person: Person, subject: Subject, now: datetime) -> DerivationSection | None:
    """None of a product that is made from nothing that the person may know of."""
    derivation = read_derivation(subject, now)
    if not derivation.upstream and not derivation.columns:
        return None
    sees_floors = sees_derivation(person, subject.product)
    visible = find_visible_upstream(person, [one.pk for one in derivation.upstream])
    blocked = {one.pk for one in derivation.blocked}
    found = [
        UpstreamTerms(visible[one.pk], one.pk in blocked) for one in derivation.upstream if one.pk in visible
    ]
    upstream = tuple(sorted(found, key=lambda one: one.product.name.lower()))
    hidden = len(derivation.upstream) - len(upstream) if sees_floors else 0
    problems = describe_problems(person, derivation) if sees_floors else DerivationProblems()
    if not upstream and not sees_floors:
        return None
    return DerivationSection(upstream, hidden, problems, sees_floors)


def build_floor_rows(person: Person, derivation: Derivation) -> list[FloorRow]:
    """For who sees floors. Three queries."""
    pks = {
        -place.node
        for column in derivation.columns
        for place in (column.place, *(each.place for each in column.inputs))
    }
    tables, visible = list_tables(pks), filter_visible_inputs(person, pks)
    return [_build_floor_row(column, tables, visible) for column in derivation.columns]


def build_column_key(table: int, column: str) -> str:
    return f"{table}/{column}"


def _build_floor_row(one: ColumnFloor, tables: Mapping[int, Table], visible: Collection[int]) -> FloorRow:
    shown = [each for each in one.inputs if -each.place.node in visible]
    table = tables[-one.place.node]
    return FloorRow(
        key=build_column_key(table.pk, one.place.column),
        name=f"{table.name}.{one.place.column}",
        classification=one.classification,
        floor=one.floor,
        inputs=tuple(_build_input(each, tables[-each.place.node]) for each in shown),
        hidden_count=len(one.inputs) - len(shown),
        is_missing=bool(one.missing),
        is_below=one.is_below,
    )


def _build_input(one: Input, table: Table) -> InputRow:
    domain = table.database.domain
    return InputRow(
        name=f"{table}.{one.place.column}" if one.place.column else str(table),
        owner=domain.name if domain else _("no domain"),
        class_label=get_class_label(one.classification),
        table=table.pk,
    )


def build_request_rows(person: Person, requests: Iterable[DerivationRequest]) -> list[RequestRow]:
    return [build_request_row(person, request) for request in requests]


def build_request_row(person: Person, request: DerivationRequest) -> RequestRow:
    hidden = _("an owner whose data you may not see")
    return RequestRow(request, request.domain.name if sees_upstream(person, request) else hidden)


def list_product_requests(person: Person, product: DataProduct) -> list[RequestRow]:
    return build_request_rows(person, list_requests(person).filter(product=product))


def build_request_details(person: Person, request: DerivationRequest) -> RequestDetails:
    row = build_request_row(person, request)
    is_waiting = request.state == DecisionState.WAITING
    verdict = may_decide_derivation(person, request)
    return RequestDetails(
        row=row,
        columns=tuple(_list_asked(person, request)),
        passed_on=tuple(find_visible_upstream(person, request.passed_on).values()),
        timeline=tuple(_list_steps(row)),
        may_decide=is_waiting and bool(verdict),
        barred=get_bar_reason(verdict) if is_waiting else "",
        may_withdraw=is_waiting and bool(may_withdraw_derivation(person, request)),
        may_revoke=request.state == DecisionState.APPROVED and bool(may_revoke_derivation(person, request)),
    )


def _list_asked(person: Person, request: DerivationRequest) -> Iterable[RequestedColumn]:
    pks = {column[key] for column in request.columns for key in ("table", "input_table")}
    tables, visible = list_tables(pks), filter_visible_inputs(person, pks)
    for column in request.columns:
        if column["input_table"] not in visible:
            input_text = ""
        else:
            input_text = ".".join(filter(None, (str(tables[column["input_table"]]), column["input_column"])))
        yield RequestedColumn(
            name=f"{tables[column['table']].name}.{column['column']}",
            input=input_text,
            floor=column["floor"],
            classification=column["classification"],
        )


def _list_steps(row: RequestRow) -> Iterable[RequestStep]:
    request = row.request
    asked = _("%(name)s asked for approval") % {"name": request.requested_by.name}
    yield RequestStep(request.requested_at, asked, request.reason, CheckMark.ATTENTION)
    if request.decided_by and request.decided_at:
        yield RequestStep(
            request.decided_at,
            _describe_decision(request),
            request.comment,
            CheckMark.NO if request.state == DecisionState.REJECTED else CheckMark.YES,
        )
    if request.ended_at:
        yield RequestStep(request.ended_at, _describe_end(request), request.end_reason, CheckMark.NO)


def _describe_decision(request: DerivationRequest) -> str:
    words = {"name": request.decided_by.name if request.decided_by else ""}
    if request.state == DecisionState.REJECTED:
        return _("%(name)s rejected it") % words
    if request.ends_on is None:
        return _("%(name)s approved it") % words
    words["day"] = date_format(request.ends_on, _("j M Y"))
    return _("%(name)s approved it until %(day)s") % words


def _describe_end(request: DerivationRequest) -> str:
    if request.ended_by is None:
        return _("The approval ended")
    words = {"name": request.ended_by.name}
    if request.state == DecisionState.WITHDRAWN:
        return _("%(name)s withdrew the request") % words
    return _("%(name)s revoked the approval") % words


def may_ask(person: Person, product: DataProduct) -> bool:
    return bool(may_request_derivation(person, product))
