"""Policies: read them, draft the next version, replay it on past requests, publish and retire it."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.products.offers.models import DataUse
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import DurationIn, EnumOut, IdIn, ReferenceIn, TextIn, TextOut, TimeOut, optional
from portal.api.openapi import documented
from portal.api.people import person_in
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.api.inputs import ColumnsIn, RequestTextsIn, columns_in, principal_in
from requests_app.policies.evaluation import parse_version_rules
from requests_app.policies.models import PolicyVersion
from requests_app.policies.states import PolicyState
from requests_app.policies.wording import describe_outcome_and_information
from requests_app.policy_editing.actions import draft_policy, publish_policy, retire_policy
from requests_app.policy_editing.queries import (
    GLOBAL_SLUG,
    PolicyScope,
    get_policy_scope,
    list_policy_scopes,
)
from requests_app.policy_editing.replay import ReplayedItem, replay_rules
from requests_app.policy_editing.what_if import evaluate_policies
from requests_app.submission.preview import RequestDraft
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem

LIFECYCLES = {
    PolicyState.DRAFT: "draft",
    PolicyState.PUBLISHED: "published",
    PolicyState.RETIRED: "retired",
}
MOST_RULES = 100
MOST_DAYS = 3650


class RetirementIn(StrictSerializer):
    comment = TextIn(default="", allow_blank=True, help_text="why; a draft needs none")


class PolicyVersionOut(Resource):
    """A version of a policy. `rules` are as the pages show them as YAML."""

    route = "api-policy-version"
    has_page = False
    number = serializers.IntegerField()
    lifecycle = serializers.SerializerMethodField()
    rules = serializers.ListField(child=serializers.DictField())
    note = serializers.CharField(help_text="what changes, and why")
    written_by = Reference()
    written_at = TimeOut()
    published_by = OptionalReference()
    published_at = TimeOut(allow_null=True)
    retired_at = TimeOut(allow_null=True)
    comment = TextOut(source="retire_reason", help_text="why it was retired")

    def arguments_of(self, row: PolicyVersion) -> list[Any]:
        return [row.domain.slug if row.domain else GLOBAL_SLUG, row.number]

    @extend_schema_field(EnumOut([*LIFECYCLES.values()]))  # type: ignore[untyped-decorator]
    def get_lifecycle(self, version: PolicyVersion) -> str:
        return LIFECYCLES[PolicyState(version.state)]


class PolicyOut(Resource):
    """The policy of a domain, or the global one, which counts for all of them: `domain` is null then."""

    route = "api-policy"
    domain = OptionalReference()
    may_edit = serializers.BooleanField(source="may_write")
    published = PolicyVersionOut(allow_null=True)
    draft = PolicyVersionOut(allow_null=True)

    def key_of(self, row: PolicyScope) -> str:
        return row.domain.slug if row.domain else GLOBAL_SLUG


class PolicyVersionIn(StrictSerializer):
    rules = serializers.ListField(child=serializers.DictField(), max_length=MOST_RULES)
    note = TextIn(help_text="what changes, and why")
    based_on = optional(
        IdIn, help_text="id of the newest version that you read: refused when a newer one came since"
    )


class ReplayedItemOut(serializers.Serializer[ReplayedItem]):
    """The outcome of one item by the published policy, and by this version."""

    request_item = Reference(source="item")
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    def get_before(self, row: ReplayedItem) -> str:
        return describe_outcome_and_information(row.before.to_json())

    def get_after(self, row: ReplayedItem) -> str:
        return describe_outcome_and_information(row.after.to_json())


class ReplayOut(serializers.Serializer[Any]):
    """Results for the latest 1,000 items. `escalated_count` items would need more approvals than now, `demanding_count` more
    information.
    """

    item_count = serializers.IntegerField(source="replayed_count")
    automatic_count = serializers.IntegerField()
    escalated_count = serializers.IntegerField()
    refused_count = serializers.IntegerField()
    demanding_count = serializers.IntegerField(source="requiring_more_count")
    differing = ReplayedItemOut(source="changed_items", many=True)


class EvaluationIn(RequestTextsIn, ColumnsIn):
    """A request that nobody has sent."""

    may_omit_texts = True
    requester = ReferenceIn(help_text="who would request it, by id or e-mail")
    principal = ReferenceIn(help_text="ARN of a role or user of theirs")
    table = IdIn()
    use = serializers.ChoiceField(DataUse.choices, required=False, allow_null=True)
    duration = DurationIn("days", MOST_DAYS)


class EvaluatedOut(serializers.Serializer[Any]):
    """The outcome, and a sentence for each rule that applies."""

    sentence = serializers.CharField(source="text")
    rules = serializers.ListField(child=serializers.CharField(), source="fired_rules")


class PolicyFactOut(serializers.Serializer[Any]):
    """`value` is null for what is not known."""

    name = serializers.CharField()
    value = TextOut()


class EvaluationOut(serializers.Serializer[Any]):
    published = EvaluatedOut()
    draft = EvaluatedOut(allow_null=True)
    facts = PolicyFactOut(many=True)


class PoliciesView(APIView):
    get = rows_endpoint(
        "list_policies",
        "List policies",
        PolicyOut,
        list_policy_scopes,
        errors=(),
        description="The global policy and those of the domains that you may see.",
    )


class PolicyView(APIView):
    get = Endpoints(PolicyOut, get_policy_scope).read(
        "get_policy", "Get a policy", description="The policy `global` applies to all domains."
    )


def _version(person: Person, slug: str, number: int) -> PolicyVersion:
    """NotFoundError."""
    version = next(
        (version for version in get_policy_scope(person, slug).versions if version.number == number), None
    )
    if version is None:
        raise NotFoundError
    return version


def _replay(person: Person, slug: str, number: int) -> Any:
    version = _version(person, slug, number)
    return replay_rules(parse_version_rules(version), version.domain)


POLICY_VERSIONS = Endpoints(PolicyVersionOut, _version)


class PolicyVersionsView(APIView):
    get = rows_endpoint(
        "list_policy_versions",
        "List versions of a policy",
        PolicyVersionOut,
        lambda person, slug: PolicyVersion.objects.filter(
            domain=get_policy_scope(person, slug).domain
        ).select_related("written_by", "published_by", "domain"),
    )

    post = POLICY_VERSIONS.create(
        "create_policy_version",
        "Draft a version of a policy",
        draft_policy,
        takes=PolicyVersionIn,
        build=lambda person, said, slug: {**said, "domain": get_policy_scope(person, slug).domain},
        shows_result=True,
        errors=(404,),
        description="A draft has no effect until it is published.",
    )


class PolicyVersionView(APIView):
    get = POLICY_VERSIONS.read("get_policy_version", "Get a version of a policy")


class ReplayView(APIView):
    get = Endpoints(ReplayOut, _replay).read(
        "replay_policy_version",
        "Replay a version on past requests",
        description="Shows how the version would have decided on past requests. Nothing is written.",
    )


class EvaluateView(APIView):
    members: ClassVar = {"items": "", "ends_at": "duration"}

    @documented(
        "evaluate_policy",
        "Evaluate a policy",
        EvaluationOut,
        takes=EvaluationIn,
        description="Evaluates a request that nobody has sent, by the published policy and by the draft. Nothing is written.",
    )
    def post(self, request: Request, slug: str) -> Response:
        scope = get_policy_scope(get_signed_in_person(request), slug)
        if not scope.may_write:
            raise NotFoundError
        body = read_body(EvaluationIn, request)
        people = Person.objects.filter(is_active=True)
        person = person_in(people, body["requester"], "requester", _("There is nobody of this name."))
        principal = principal_in(person, body["principal"])
        ask = RequestedItem(
            table_id=body["table"], product_id=None, use=body.get("use") or "", **columns_in(body)
        )
        now = get_request_time(request)
        details = Recipient(principal).build_details(body, now + timedelta(days=body["duration"]))
        found = evaluate_policies(scope, RequestDraft(person, details, now), ask)
        return Response(EvaluationOut(found).data)


class PublishView(APIView):
    post = POLICY_VERSIONS.act(
        "publish_policy_version",
        "Publish a version of a policy",
        publish_policy,
        build=lambda person, _said, *ids: {"version_id": _version(person, *ids).pk},
        shows_result=True,
        description="From now on, it applies to all requests, including those that wait for review.",
    )


class RetireView(APIView):
    post = POLICY_VERSIONS.act(
        "retire_policy_version",
        "Retire a version of a policy",
        retire_policy,
        takes=RetirementIn,
        build=lambda person, said, *ids: {
            "version_id": _version(person, *ids).pk,
            "reason": said["comment"],
        },
        shows_result=True,
        description="Retires the published version or drops a draft. Past decisions stay as they are.",
    )
