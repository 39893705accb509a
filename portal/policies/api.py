"""Rules: read, drafted, replayed on past asks, put in force, retired."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.products.offers.states import Use
from identity.errors import NotFoundError, RefusedError
from identity.people.models import Person
from portal.api.fields import OptionalIdField, TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.pages.signed_in import person_of
from portal.request_form.api.tables import ItemOfTableIn, principal_in
from requests_app.policies.evaluation import parse_version_rules
from requests_app.policies.models import PolicyVersion
from requests_app.policies.wording import describe_outcome_and_information
from requests_app.policy_editing.actions import draft_policy, put_policy_in_force, retire_policy
from requests_app.policy_editing.queries import get_policy_scope, list_policy_scopes
from requests_app.policy_editing.replay import ReplayedItem, replay_rules
from requests_app.policy_editing.what_if import evaluate_policies
from requests_app.targets.requested_item import RequestedItem


class RetireIn(serializers.Serializer[Any]):
    reason = TextIn(default="", allow_blank=True, help_text="why; a draft is dropped without")


class PolicyVersionOut(serializers.Serializer[PolicyVersion]):
    """`rules` as the pages show them as YAML."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.CharField(help_text="draft, in_force or retired")
    rules = serializers.ListField(child=serializers.DictField())
    note = serializers.CharField()
    written_at = serializers.DateTimeField()
    in_force_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)
    retire_reason = serializers.CharField(allow_blank=True)


class ScopeOut(serializers.Serializer[Any]):
    """`slug` is a domain's, or `all`."""

    slug = serializers.CharField()
    may_write = serializers.BooleanField()
    in_force = PolicyVersionOut(allow_null=True)
    draft = PolicyVersionOut(allow_null=True)


class DraftIn(serializers.Serializer[Any]):
    rules = serializers.ListField(child=serializers.DictField(), max_length=100)
    note = TextIn(help_text="what changes, and why")
    based_on = OptionalIdField("id of the newest version that you saw: refused when a newer one came since")


class ReplayedOut(serializers.Serializer[ReplayedItem]):
    """What would become of one ask by the rules in force, and by the draft."""

    item = serializers.IntegerField(source="item.pk")
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    def get_before(self, row: ReplayedItem) -> str:
        return describe_outcome_and_information(row.before.to_json())

    def get_after(self, row: ReplayedItem) -> str:
        return describe_outcome_and_information(row.after.to_json())


class SimulationOut(serializers.Serializer[Any]):
    """Of the latest 1,000 asks; `escalated` need more people than now, `demanding` more words of who asks."""

    looked_at = serializers.IntegerField()
    automatic = serializers.IntegerField()
    escalated = serializers.IntegerField()
    refused = serializers.IntegerField()
    demanding = serializers.IntegerField()
    differing = ReplayedOut(many=True)


class WhatIfIn(ItemOfTableIn):
    """An ask that nobody has made."""

    person = serializers.EmailField(help_text="who would ask")
    principal = serializers.CharField(max_length=600, help_text="ARN of a role or user of theirs")
    table = serializers.IntegerField(min_value=1)
    use = serializers.ChoiceField(Use.choices, default="", allow_blank=True)
    purpose = TextIn(default="", allow_blank=True)
    days = serializers.IntegerField(min_value=1, max_value=3650)


class JudgedOut(serializers.Serializer[Any]):
    """What would become of it, and a line for each rule that has something to say."""

    happens = serializers.CharField()
    fired = serializers.ListField(child=serializers.CharField())


class FactOut(serializers.Serializer[Any]):
    """`said` is empty for what is not known."""

    name = serializers.CharField()
    said = serializers.CharField(allow_blank=True)


class WhatIfOut(serializers.Serializer[Any]):
    in_force = JudgedOut()
    draft = JudgedOut(allow_null=True)
    facts = FactOut(many=True)


class PoliciesView(APIView):
    @documented("list_policies", "Rules for all domains, and of those that you may see", ScopeOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(ScopeOut(list_policy_scopes(person_of(request)), many=True).data)


class PolicyView(APIView):
    @documented("show_policy", "Rules of one domain, or of `all`", ScopeOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(ScopeOut(get_policy_scope(person_of(request), slug)).data)

    @documented(
        "draft_policy",
        "Keep rules as a draft: it decides nothing until it is put in force",
        PolicyVersionOut,
        takes=DraftIn,
        status=201,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, slug: str) -> Response:
        given = DraftIn(data=request.data)
        given.is_valid(raise_exception=True)
        person = person_of(request)
        scope = get_policy_scope(person, slug)
        draft = draft_policy(acting_user=person, domain=scope.domain, **given.validated_data, now=clock.now())
        return Response(PolicyVersionOut(draft).data, status.HTTP_201_CREATED)


class SimulationView(APIView):
    @documented("simulate_policy", "What the draft would have done with past asks", SimulationOut)
    def get(self, request: Request, slug: str) -> Response:
        scope = get_policy_scope(person_of(request), slug)
        if scope.draft is None:
            raise NotFoundError
        return Response(SimulationOut(replay_rules(parse_version_rules(scope.draft), scope.domain)).data)


class WhatIfView(APIView):
    @documented(
        "what_if",
        "What would become of one ask, by the rules in force and by the draft; nothing is written",
        WhatIfOut,
        takes=WhatIfIn,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, slug: str) -> Response:
        scope = get_policy_scope(person_of(request), slug)
        if not scope.may_write:
            raise NotFoundError
        given = WhatIfIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = dict(given.validated_data)
        words = {name: said.pop(name) for name in ("purpose", "days")}
        person = Person.objects.filter(email__iexact=said.pop("person"), is_active=True).first()
        if person is None:
            raise RefusedError("There is nobody with this e-mail.", "person")
        principal = principal_in(person, said.pop("principal"))
        ask = RequestedItem(said.pop("table"), tuple(said.pop("columns")), product_id=None, **said)
        found = evaluate_policies(
            scope, person=person, principal=principal, ask=ask, **words, now=clock.now()
        )
        return Response(WhatIfOut(found).data)


class PutInForceView(APIView):
    @documented(
        "put_policy_in_force",
        "Judge asks by this version from now on, those that wait, too",
        PolicyVersionOut,
        errors=(404, 409),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        version = put_policy_in_force(acting_user=person_of(request), version_id=pk, now=clock.now())
        return Response(PolicyVersionOut(version).data)


class RetireView(APIView):
    @documented(
        "retire_policy",
        "Take a version out of force, or drop a draft; what it decided stands",
        PolicyVersionOut,
        takes=RetireIn,
        errors=(400, 404, 409),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = RetireIn(data=request.data)
        given.is_valid(raise_exception=True)
        version = retire_policy(
            acting_user=person_of(request), version_id=pk, **given.validated_data, now=clock.now()
        )
        return Response(PolicyVersionOut(version).data)
