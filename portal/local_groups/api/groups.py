"""What an account's admins pass on: local groups, who is in them, and which classes of its envelopes each sees."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from identity.accounts.models import LocalGroup
from portal.api.fields import LARGEST, StateField
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.local_groups.presenters import EnvelopeShown, envelopes_shown, groups_shown
from portal.pages.signed_in import person_of
from requests_app.grants.subgrants.actions import (
    MAX_NAME_LENGTH,
    add_member,
    end_group,
    make_group,
    pass_on,
    remove_member,
)
from requests_app.grants.subgrants.plans import SubgrantChoices, build_subgrant_plan
from requests_app.grants.subgrants.queries import ALL_CELLS, COLUMN_CLASSES, UNCLASSIFIED, get_account

MOST_CHOICES = 1000
LONGEST_ARN = 600


class GroupMemberOut(serializers.Serializer[Any]):
    """A role of the account, or a user or group of a directory."""

    id = serializers.IntegerField()
    arn = serializers.CharField()
    added_at = serializers.DateTimeField()


class GroupOut(serializers.Serializer[Any]):
    """A local group with those who are in it now."""

    id = serializers.IntegerField(source="group.pk")
    name = serializers.CharField(source="group.name")
    members = GroupMemberOut(many=True)


class SeenOut(serializers.Serializer[Any]):
    """Columns of one class, and the ids of the groups that see them. Of a row rule, `all` stands for its cells."""

    classification = serializers.CharField(source="name")
    columns = serializers.ListField(child=serializers.CharField())
    groups = serializers.SerializerMethodField()

    def get_groups(self, row: Any) -> list[int]:
        return [tick.group.pk for tick in row.ticks if tick.ticked]


class StateOut(serializers.Serializer[Any]):
    """How what a group was passed on stands in AWS; `failure` is what is in the way."""

    group = serializers.IntegerField()
    state = StateField()
    state_reason = serializers.CharField(allow_blank=True)
    failure = serializers.CharField(allow_blank=True)


class EnvelopeOut(serializers.Serializer[Any]):
    """What the account holds of a table and may pass on, class by class. `keys` are partition keys with their classes:
    they come with any column.
    """

    grant = serializers.IntegerField(source="grant.pk")
    database = serializers.CharField(source="grant.table.database.name")
    table = serializers.CharField(source="grant.table.name")
    ends_at = serializers.DateTimeField(source="grant.ends_at")
    row_rule = serializers.CharField(allow_blank=True)
    keys = serializers.DictField(child=serializers.CharField())
    classes = SeenOut(many=True)
    states = serializers.SerializerMethodField()

    def get_states(self, envelope: EnvelopeShown) -> list[dict[str, Any]]:
        groups = [pair.partition(":")[0] for pair in envelope.pairs]
        found = zip(groups, envelope.states, strict=True)
        return [
            StateOut(
                {
                    "group": int(group),
                    "state": one.state.state,
                    "state_reason": one.state.reason,
                    "failure": one.failure,
                }
            ).data
            for group, one in found
            if one is not None
        ]


class AccountGroupsOut(serializers.Serializer[Any]):
    """Local groups × classes, for each envelope of the account."""

    account = serializers.CharField()
    groups = GroupOut(many=True)
    envelopes = EnvelopeOut(many=True)


class GroupIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=MAX_NAME_LENGTH)


class GroupMemberIn(serializers.Serializer[Any]):
    arn = serializers.CharField(max_length=LONGEST_ARN)


class ChoiceIn(serializers.Serializer[Any]):
    """Which classes a group shall see of an envelope; none: nothing. What no choice names stays as it is."""

    group = serializers.IntegerField(min_value=1, max_value=LARGEST)
    grant = serializers.IntegerField(min_value=1, max_value=LARGEST, help_text="the envelope's")
    classes = serializers.ListField(
        child=serializers.ChoiceField([*COLUMN_CLASSES, UNCLASSIFIED, ALL_CELLS]), max_length=5
    )


class ChoicesIn(serializers.Serializer[Any]):
    choices = serializers.ListField(child=ChoiceIn(), max_length=MOST_CHOICES)


class ApplyIn(ChoicesIn):
    """`plan_hash` is that of the plan that you looked at."""

    plan_hash = serializers.CharField(max_length=64)


class ChangeOut(serializers.Serializer[Any]):
    """One group and envelope: columns that the group sees from then on, and those that it no longer sees."""

    group = serializers.IntegerField(source="group.pk")
    grant = serializers.IntegerField(source="envelope.pk")
    adds = serializers.ListField(child=serializers.CharField())
    removes = serializers.ListField(child=serializers.CharField())
    members = serializers.SerializerMethodField()
    overlaps = serializers.ListField(child=serializers.CharField())

    def get_members(self, line: Any) -> list[str]:
        return [member.arn for member in line.members]


class PlanOut(serializers.Serializer[Any]):
    """What a change would do; nothing is changed by looking. Apply it under `plan_hash`."""

    plan_hash = serializers.CharField(source="digest")
    lines = ChangeOut(many=True)


class GroupsView(APIView):
    @documented("list_groups", "Local groups of an account, and what each sees", AccountGroupsOut)
    def get(self, request: Request, account_id: str) -> Response:
        account = get_account(person_of(request), account_id)
        groups = groups_shown(account)
        shown = envelopes_shown(account, [one.group for one in groups], clock.now())
        found = {"account": account.account_id, "groups": groups, "envelopes": shown}
        return Response(AccountGroupsOut(found).data)

    @documented(
        "make_group", "Make a local group", GroupOut, takes=GroupIn, status=201, errors=(400, 404), parameters=(KEY,)
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, account_id: str) -> Response:
        given = GroupIn(data=request.data)
        given.is_valid(raise_exception=True)
        name = given.validated_data["name"]
        made = make_group(acting_user=person_of(request), account_id=account_id, name=name, now=clock.now())
        return Response(_group(made), status.HTTP_201_CREATED)


class EndGroupView(APIView):
    @documented("end_group", "End a local group", GroupOut, parameters=(KEY,))
    @once_a_key
    def post(self, request: Request, account_id: str, pk: int) -> Response:
        ended = end_group(acting_user=person_of(request), account_id=account_id, group_id=pk, now=clock.now())
        return Response(_group(ended))


class AddMemberView(APIView):
    @documented(
        "add_member", "Add to a local group", GroupMemberOut, takes=GroupMemberIn, status=201, errors=(400, 404),
        parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, account_id: str, pk: int) -> Response:
        given = GroupMemberIn(data=request.data)
        given.is_valid(raise_exception=True)
        added = add_member(
            acting_user=person_of(request), account_id=account_id, group_id=pk,
            arn=given.validated_data["arn"], now=clock.now(),
        )  # fmt: skip
        return Response(GroupMemberOut(added).data, status.HTTP_201_CREATED)


class RemoveMemberView(APIView):
    @documented("remove_member", "Take out of a local group", GroupMemberOut, parameters=(KEY,))
    @once_a_key
    def post(self, request: Request, account_id: str, pk: int) -> Response:
        gone = remove_member(
            acting_user=person_of(request), account_id=account_id, member_id=pk, now=clock.now()
        )
        return Response(GroupMemberOut(gone).data)


class PlanView(APIView):
    @documented(
        "plan_passing_on", "What a change of who sees what would do", PlanOut, takes=ChoicesIn, errors=(400, 404)
    )  # fmt: skip
    def post(self, request: Request, account_id: str) -> Response:
        given = ChoicesIn(data=request.data)
        given.is_valid(raise_exception=True)
        account = get_account(person_of(request), account_id)
        return Response(PlanOut(build_subgrant_plan(account, _choices(given), clock.now())).data)


class ApplyView(APIView):
    @documented(
        "pass_on", "Change who sees what, as planned", PlanOut, takes=ApplyIn, errors=(400, 404), parameters=(KEY,)
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, account_id: str) -> Response:
        given = ApplyIn(data=request.data)
        given.is_valid(raise_exception=True)
        done = pass_on(
            acting_user=person_of(request), account_id=account_id, choices=_choices(given),
            plan_hash=given.validated_data["plan_hash"], now=clock.now(),
        )  # fmt: skip
        return Response(PlanOut(done).data)


def _choices(given: ChoicesIn) -> SubgrantChoices:
    said = given.validated_data["choices"]
    return {(one["group"], one["grant"]): frozenset(one["classes"]) for one in said}


def _group(group: LocalGroup) -> dict[str, Any]:
    return dict(GroupOut({"group": group, "members": group.members_now}).data)
