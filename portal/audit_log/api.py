"""The audit log: events with their links in the chain, for auditors and governance admins."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.models import Event
from identity.people.models import Person
from portal.api.fields import LARGEST
from portal.api.openapi import BEFORE, LIMIT, documented
from portal.api.pagination import asked_page, newest_first, page_answer, page_of
from portal.api.serializers import PersonOut
from portal.audit_log.events import events_for, people_in
from portal.audit_log.forms import AuditLogForm
from portal.pages.signed_in import person_of

FILTERS = (
    OpenApiParameter("verb", str, description="Of this kind alone, such as `approve_item`."),
    OpenApiParameter("who", str, description="A part of the name or e-mail of who acted; or an `actor`."),
    OpenApiParameter("subject", str, description="About this alone, such as `grant:12`."),
    OpenApiParameter("since", str, description="From this day on, as 2026-11-24."),
    OpenApiParameter("until", str, description="Until the end of this day."),
)
AFTER_SEAL = OpenApiParameter(
    "after_seal",
    int,
    description="Only sealed events after this link of the chain, oldest first: `next` holds the last link."
    " Who goes on from there misses nothing, as links are numbered without a gap.",
)


class SealOut(serializers.Serializer[Any]):
    """A link of the chain: `hash` is the SHA-256 of `seq`, the event's digest and `prev`."""

    seq = serializers.IntegerField()
    prev = serializers.CharField()
    hash = serializers.CharField()
    sealed_at = serializers.DateTimeField()


class EventOut(serializers.Serializer[Any]):
    """One thing that was done, at `at`, to `subject`. `actor` is `person:<id>`, then `person` names them, or
    `engine:<worker>`. `digest` is the SHA-256 of the event; `seal` is null until it is in the chain.
    """

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    actor = serializers.CharField()
    person = serializers.SerializerMethodField()
    subject = serializers.CharField()
    details = serializers.DictField(source="data")
    digest = serializers.CharField()
    seal = SealOut(allow_null=True, default=None)

    @extend_schema_field(PersonOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_person(self, event: Event) -> Mapping[str, Any] | None:
        person: Person | None = self.context["people"].get(event.actor)
        return PersonOut(person).data if person else None


class AuditEventsView(APIView):
    @documented(
        "list_audit_events",
        "The audit log, newest first",
        page_of(EventOut),
        errors=(400, 404),
        parameters=(LIMIT, BEFORE, AFTER_SEAL, *FILTERS),
    )
    def get(self, request: Request) -> Response:
        form = AuditLogForm(request.query_params)
        if not form.is_valid():
            raise ValidationError({name: [str(one) for one in words] for name, words in form.errors.items()})
        events = events_for(person_of(request), form.filters)
        by_seal = "after_seal" in request.query_params
        rows, following = (in_seal_order if by_seal else newest_first)(events, request)
        shown = EventOut(rows, many=True, context={"people": people_in(rows)})
        return page_answer(shown.data, following)


def in_seal_order(events: QuerySet[Event], request: Request) -> tuple[list[Event], int | None]:
    """One page by rising link of the chain, and the link for `after_seal` of the next one, or None."""
    limit, field = asked_page(request)["limit"], serializers.IntegerField(min_value=0, max_value=LARGEST)
    try:
        after = field.run_validation(request.query_params["after_seal"])
    except ValidationError as error:
        raise ValidationError({"after_seal": error.detail}) from error
    rows = list(events.filter(seal__seq__gt=after).order_by("seal__seq")[: limit + 1])
    return rows[:limit], rows[limit - 1].seal.seq if len(rows) > limit else None
