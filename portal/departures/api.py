"""What only a person decides, and their deactivation with a hand-over."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.departures import (
    Duty,
    compute_duties_digest,
    deactivate_person,
    get_leaver,
    list_duties,
    list_other_dependencies,
    list_successor_candidates,
)
from identity.people.models import Person
from identity.role_changes.kind import ROLE_CHANGE
from identity.role_changes.models import RoleChange
from portal.api.endpoints import Endpoints
from portal.api.fields import IdOut, ReferenceIn
from portal.api.openapi import documented
from portal.api.people import person_in
from portal.api.references import Reference
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class DutyOut(serializers.Serializer[Duty]):
    """A role that nobody else who is active holds. `key` names it when you choose a successor."""

    key = serializers.CharField()
    role = serializers.CharField()
    team = Reference(allow_null=True)
    consequences = serializers.ListField(child=serializers.CharField())


class DutiesOut(serializers.Serializer[dict[str, Any]]):
    """`duties_hash` is what you send to deactivate the person; `others` is what no role change hands over."""

    duties = DutyOut(many=True)
    others = serializers.ListField(child=serializers.CharField())
    duties_hash = serializers.CharField()


class DutySuccessorIn(StrictSerializer):
    duty = serializers.CharField(max_length=160, help_text="the key of the duty")
    person = ReferenceIn(help_text="who takes it over, by id or e-mail")


class DeactivationIn(StrictSerializer):
    """Each duty needs a successor, unless you accept that nobody decides until somebody is appointed."""

    duties_hash = serializers.CharField(max_length=64)
    successors = DutySuccessorIn(many=True, required=False, default=list)
    accepts_vacancies = serializers.BooleanField(required=False, default=False)


class RoleChangeStateOut(serializers.CharField):
    def to_representation(self, value: str) -> str:
        return str(ROLE_CHANGE.state_words.get(value, value))


class ProposedChangeOut(serializers.Serializer[RoleChange]):
    """A role that is handed over. `state` is `waiting` until a second governor confirms it."""

    id = IdOut()
    role = serializers.CharField()
    team = Reference(allow_null=True)
    person = Reference()
    state = RoleChangeStateOut()


class DeactivationOut(serializers.Serializer[dict[str, Any]]):
    person = Reference()
    role_changes = ProposedChangeOut(many=True)


def _load_duties(person: Person, pk: int) -> dict[str, Any]:
    leaver = get_leaver(person, pk)
    duties = list_duties(leaver)
    return {
        "duties": duties,
        "others": list_other_dependencies(leaver),
        "duties_hash": compute_duties_digest(duties),
    }


class DutiesView(APIView):
    get = Endpoints(DutiesOut, _load_duties).read(
        "list_person_duties",
        "List what only a person decides",
        description="For governors, before they deactivate the person.",
    )


class DeactivateView(APIView):
    @documented("deactivate_person", "Deactivate a person", DeactivationOut, takes=DeactivationIn)
    def post(self, request: Request, pk: int) -> Response:
        said, person = read_body(DeactivationIn, request), get_signed_in_person(request)
        leaver = get_leaver(person, pk)
        people, refusal = list_successor_candidates(leaver), _("Choose active people of the organisation.")
        successors = {
            row["duty"]: person_in(people, row["person"], "successors", refusal).pk
            for row in said["successors"]
        }
        changes = deactivate_person(
            acting_user=person,
            person_id=pk,
            shown=said["duties_hash"],
            successors=successors,
            accepts_vacancies=said["accepts_vacancies"],
            now=get_request_time(request),
        )
        answer = {"person": leaver, "role_changes": changes}
        return Response(DeactivationOut(answer, context={"request": request}).data)
