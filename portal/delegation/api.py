"""Delegations: who decides for you, and for whom you decide."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.views import APIView

from identity.people.models import Person
from kernel.errors import RefusedError
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import EndField, IdOut, ReferenceIn, TimeOut
from portal.api.people import person_in
from portal.api.references import RowOut
from portal.api.serializers import StrictSerializer
from requests_app.review.delegation.actions import delegate_decisions, end_delegation
from requests_app.review.delegation.models import Delegation
from requests_app.review.delegation.queries import list_delegate_candidates, list_own_delegations


class DelegationOut(RowOut):
    """`delegate` decides for `owner` on data of the team, from `starts_at` to `expires_at` unless it is ended before."""

    class Meta:
        model = Delegation
        fields = ("id", "owner", "delegate", "team", "starts_at", "expires_at", "ended_at")

    id = IdOut()
    expires_at = TimeOut(source="ends_at")


class DelegationIn(StrictSerializer):
    """For 90 days at most. You must be a data owner of the team."""

    team = ReferenceIn()
    delegate = ReferenceIn(help_text="a colleague of the team, by id or e-mail")
    starts_at = serializers.DateTimeField()
    expires_at = EndField()

    @staticmethod
    def build_arguments(person: Person, said: dict[str, Any]) -> dict[str, Any]:
        """RefusedError unless the delegate is a colleague of a team whose data owner the person is."""
        refusal = _("Name a colleague of a team whose data owner you are.")
        colleagues = list_delegate_candidates(person).filter(team__slug=said["team"])
        people = Person.objects.filter(pk__in=[colleague.person_id for colleague in colleagues])
        delegate = person_in(people, said["delegate"], "delegate", refusal)
        team = next((colleague.team for colleague in colleagues if colleague.person_id == delegate.pk), None)
        if team is None:
            raise RefusedError(refusal, "delegate")
        return {
            "team": team,
            "delegate": delegate,
            "starts_at": said["starts_at"],
            "ends_at": said["expires_at"],
        }


DELEGATIONS = Endpoints(DelegationOut, argument="delegation_id")


class DelegationsView(APIView):
    members: ClassVar = {"ends_on": "expires_at"}

    get = rows_endpoint(
        "list_delegations",
        "List delegations",
        DelegationOut,
        list_own_delegations,
        order=("ends_at", "pk"),
        errors=(),
        description="Delegations that you gave or received and that have not ended, by end date.",
    )

    post = DELEGATIONS.create(
        "create_delegation",
        "Create a delegation",
        delegate_decisions,
        takes=DelegationIn,
        build=DelegationIn.build_arguments,
        shows_result=True,
        errors=(),
    )


class EndView(APIView):
    post = DELEGATIONS.act("end_delegation", "End a delegation", end_delegation, shows_result=True)
