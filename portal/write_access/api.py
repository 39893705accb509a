"""Write requests in the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from identity.accounts import named_arn
from identity.people.models import Person
from kernel.errors import RefusedError
from portal.api.decision_states import by_state
from portal.api.fields import EndField, EnumOut, IdIn, ReferenceIn, TimeOut
from portal.api.filters import ListFilters
from portal.api.references import Reference
from portal.api.serializers import StrictSerializer
from portal.decisions.api import EffectsHashOut, ListApi, ProposalOut, build_decision_urls
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.write_access.actions import request_write_access
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.models import WriteRequest, WriteVerb
from requests_app.write_access.queries import get_problem
from requests_app.write_access.targets import list_writers


class WriteRequestFilters(ListFilters):
    state = by_state(WRITE_REQUEST)


class WriteRequestOut(ProposalOut):
    """`state` is what people decided, `status` what is proven in AWS. Send `effects_hash` when you approve. `problem` says why
    it is not proven yet.
    """

    route = "api-write-request"
    kind = WRITE_REQUEST
    table = Reference()
    domain = Reference()
    principal = Reference()
    verbs = serializers.ListField(child=EnumOut(WriteVerb.values))
    purpose = serializers.CharField()
    expires_at = TimeOut(source="ends_at")
    effects_hash = EffectsHashOut(WRITE_REQUEST)
    problem = serializers.SerializerMethodField()

    def get_problem(self, row: WriteRequest) -> str:
        return get_problem(row)


class WriteRequestIn(StrictSerializer):
    """Write access of a role, named by its ARN, to a table of your own domain. DESCRIBE comes with it; no rows are read."""

    table = IdIn()
    principal = ReferenceIn()
    verbs = serializers.ListField(child=serializers.ChoiceField(WriteVerb.values), max_length=3)
    purpose = serializers.CharField(max_length=MAX_TEXT_LENGTH)
    expires_at = EndField()


def _request(person: Person, said: Mapping[str, Any], now: datetime) -> WriteRequest:
    principal = list_writers(person).filter(named_arn(said["principal"])).first()
    if principal is None:
        raise RefusedError(_("This role is unknown, or in no producer account of your teams."), "principal")
    return request_write_access(
        acting_user=person,
        table_id=said["table"],
        principal=principal,
        verbs=said["verbs"],
        purpose=said["purpose"],
        ends_at=said["expires_at"],
        now=now,
    )


urlpatterns = build_decision_urls(
    WRITE_REQUEST,
    WriteRequestOut,
    list_api=ListApi(
        filters=WriteRequestFilters,
        takes=WriteRequestIn,
        request=_request,
        described="Those of your domains; all for governance admins and auditors. Newest first.",
        create_described="A data owner of the domain decides. Nothing happens in AWS before.",
        members={"ends_at": "expires_at"},
    ),
    summaries={
        "list_write_requests": "List write requests",
        "create_write_request": "Request write access",
        "get_write_request": "Get a write request",
        "approve_write_request": "Approve write access",
        "reject_write_request": "Reject write access",
        "withdraw_write_request": "Withdraw a write request that is not decided",
        "end_write_access": "End write access",
    },
)
