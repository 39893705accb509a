"""The audit log: events with their links in the chain, for auditors and governance admins."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.models import Event
from portal.api.fields import LARGEST, IdOut, TimeOut
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import NEWEST, answer_list
from portal.api.references import ReferenceOut, refer_to
from portal.audit_log.events import list_events, map_people
from portal.audit_log.lists import AuditEventFilters
from portal.pages.signed_in_person import get_signed_in_person

AFTER_SEAL = OpenApiParameter(
    "after_seal",
    int,
    description="Only sealed events after this link of the chain, oldest first. Links are numbered without a gap:"
    " if you go on after the last one that you have, you miss nothing.",
)
SEALED = ("seal__seq",)


class SealOut(serializers.Serializer[Any]):
    """A link of the chain: `hash` is the SHA-256 of `sequence`, the event's digest and `previous_hash`."""

    sequence = serializers.IntegerField(source="seq")
    previous_hash = serializers.CharField(source="prev")
    hash = serializers.CharField()
    sealed_at = TimeOut()


class AuditEventOut(serializers.Serializer[Event]):
    """One thing that was done to `subject`. `actor` is `person:<id>`, and `person` then names them, or `engine:<worker>`.
    `digest` is the SHA-256 of the event; `seal` is null until it is in the chain.
    """

    id = IdOut()
    occurred_at = TimeOut(source="at")
    verb = serializers.CharField()
    actor = serializers.CharField()
    person = serializers.SerializerMethodField()
    subject = serializers.CharField()
    details = serializers.DictField(source="data")
    digest = serializers.CharField()
    seal = SealOut(allow_null=True, default=None)

    @extend_schema_field(ReferenceOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_person(self, event: Event) -> dict[str, str | None] | None:
        person = self.context["people"].get(event.actor)
        return refer_to(person, self.context["request"]) if person else None


class AuditEventsView(APIView):
    @documented(
        "list_audit_events",
        "List audit events",
        listed(AuditEventOut),
        parameters=(*LIST, AFTER_SEAL, AuditEventFilters),
        description="Newest first; in the order of the chain with `after_seal`.",
    )
    def get(self, request: Request) -> Any:
        said = request.query_params
        events = AuditEventFilters.apply(list_events(get_signed_in_person(request)), said)
        by_seal = "after_seal" in said
        rows = events.filter(seal__seq__gt=_link(said["after_seal"])) if by_seal else events
        return answer_list(
            request,
            rows,
            AuditEventOut,
            order=SEALED if by_seal else NEWEST,
            context=lambda found: {"people": map_people(found)},
        )


def _link(said: str) -> int:
    if not (said.isascii() and said.isdecimal()) or int(said[:20]) > LARGEST:
        raise ValidationError({"after_seal": _("Send the number of a link.")})
    return int(said)
