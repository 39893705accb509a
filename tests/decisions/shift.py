"""A kind of decision of these tests alone: who takes a shift. All that a kind needs, but its migration and rights."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db import models, transaction
from django.db.models import Q, QuerySet
from rest_framework import serializers

from decisions.actions import record_request
from decisions.kinds import DecidedKind, Verbs
from decisions.models import Proposal
from identity.people.models import Person
from identity.role_changes.may import is_governor, list_governors
from kernel.errors import RefusedError
from kernel.verdicts import ALLOWED, Verdict, refusal
from portal.api.decision_states import by_state
from portal.api.filters import ListFilters
from portal.api.serializers import StrictSerializer
from portal.decisions.api import EffectsHashOut, ListApi, ProposalOut, build_decision_urls
from portal.decisions.declaration import DecisionList, DecisionPage
from portal.decisions.views import build_page_urls
from portal.lists.declaration import EmptyState
from portal.pages.forms import PageForm


class Shift(Proposal):
    kind_name = "shift"
    objects: ClassVar[models.Manager["Shift"]] = models.Manager()

    place = models.CharField(max_length=80)

    class Meta:
        app_label = "shifts"

    def __str__(self) -> str:
        return self.place


def may_decide(person: Person, row: Shift) -> Verdict:
    if is_governor(person) and person.pk != row.requested_by_id:
        return ALLOWED
    return refusal("Another governor decides.")


def may_withdraw(person: Person, row: Shift) -> Verdict:
    return ALLOWED if person.pk == row.requested_by_id else refusal("Only who asked withdraws it.")


def list_visible(person: Person) -> QuerySet[Shift]:
    rows = Shift.objects.select_related("requested_by", "decided_by", "ended_by").order_by("-pk")
    return rows if is_governor(person) else rows.filter(requested_by=person)


def check(row: Shift, _now: datetime) -> None:
    if Shift.objects.filter(place=row.place, state="approved").exists():
        raise RefusedError("The shift is taken.")


SHIFT: DecidedKind[Shift] = DecidedKind(
    name="shift",
    model=Shift,
    verbs=Verbs(
        request="request_shift",
        withdraw="withdraw_shift",
        approve="approve_shift",
        reject="reject_shift",
        end="end_shift",
    ),
    list_visible=list_visible,
    may_decide=may_decide,
    may_withdraw=may_withdraw,
    may_approve=may_decide,
    may_reject=may_decide,
    may_end=may_decide,
    list_deciders=lambda row: [one.pk for one in list_governors() if one.pk != row.requested_by_id],
    select_for_role=lambda _role, team: Q() if team is None else None,
    get_domain=lambda _row: None,
    check=check,
    build_effects=lambda row: {"place": row.place},
    apply=lambda _row, _effects, _now: (),
    take_back=lambda _row, _now: None,
    texts={
        "request_shift": "%(actor)s asks for the shift %(what)s.",
        "approve_shift": "%(actor)s approved the shift %(what)s.",
        "reject_shift": "%(actor)s rejected the shift %(what)s: %(reason)s",
        "end_shift": "%(actor)s ended the shift %(what)s: %(reason)s",
    },
    describe_count=lambda n: "%(n)d shifts",
    page="shift",
    listing="shifts",
    is_for_anyone=True,
)


@transaction.atomic(durable=True)
def request_shift(*, acting_user: Person, place: str, now: datetime) -> Shift:
    row = Shift.objects.create(place=place, requested_by=acting_user, requested_at=now)
    record_request(SHIFT, row, {})
    return row


class ShiftForm(PageForm):
    place = forms.CharField(max_length=80)


class ShiftList(DecisionList):
    kind = SHIFT
    title = "Shifts"
    empty = EmptyState("box", "No shifts yet", "They appear here.")
    request_label = "Ask for a shift"

    def may_request(self) -> bool:
        return True


class ShiftPage(DecisionPage):
    kind = SHIFT
    listing = ShiftList
    done = {"approve": "Approved.", "reject": "Rejected.", "withdraw": "Withdrawn.", "end": "Ended."}
    end_title = "End the shift"
    new_title = "Ask for a shift"
    new_lead = "A governor decides."

    def list_facts(self, row: Shift) -> list[tuple[str, str]]:
        return [("Place", row.place)]

    def build_form(self, data: Any, _query: Any) -> ShiftForm:
        return ShiftForm(data)

    def request(self, form: ShiftForm) -> Shift:
        return request_shift(acting_user=self.person, place=form.cleaned_data["place"], now=self.now)


class ShiftFilters(ListFilters):
    state = by_state(SHIFT)


class ShiftOut(ProposalOut):
    route = "api-shift"
    kind = SHIFT
    place = serializers.CharField()
    effects_hash = EffectsHashOut(SHIFT)


class ShiftIn(StrictSerializer):
    place = serializers.CharField()


urlpatterns = build_page_urls(ShiftPage)
api_urlpatterns = build_decision_urls(
    SHIFT,
    ShiftOut,
    list_api=ListApi(
        filters=ShiftFilters,
        takes=ShiftIn,
        request=lambda person, said, now: request_shift(acting_user=person, now=now, **said),
        described="",
        create_described="",
    ),
    summaries=dict.fromkeys(
        ("list_shifts", "create_shift", "get_shift", *vars(SHIFT.verbs).values()), "Of shifts"
    ),
)
