"""Subgrants: what an account's admins pass on of its account grants, and to which local groups."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.fields import EnumOut, IdIn, TextOut, TimeOut
from portal.api.openapi import documented
from portal.api.references import Reference, ReferenceOut, refer_to
from portal.api.serializers import StrictSerializer, read_body
from portal.api.state_members import Stateful, state_members
from portal.local_groups.presenters import AccountGrantRow, build_account_grant_rows
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.subgrants.actions import pass_on
from requests_app.grants.subgrants.plans import SubgrantChange, SubgrantChoices, build_subgrant_plan
from requests_app.grants.subgrants.queries import (
    ALL_CELLS,
    COLUMN_CLASSES,
    UNCLASSIFIED,
    get_account,
    list_local_groups,
)

MOST_CHOICES = 1000
CLASSES = (*COLUMN_CLASSES, UNCLASSIFIED, ALL_CELLS)


class PassableColumnsOut(serializers.Serializer[Any]):
    """Columns of one class, and the local groups that see them. Under a row filter, `all` means its cells."""

    classification = EnumOut(CLASSES, source="name")
    columns = serializers.ListField(child=serializers.CharField())
    local_groups = serializers.SerializerMethodField()

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_local_groups(self, row: Any) -> list[dict[str, str | None]]:
        return [refer_to(tick.group, self.context["request"]) for tick in row.checkboxes if tick.is_checked]


class SubgrantOut(Stateful):
    """Access of one local group to an account grant. `error` says why it does not work."""

    local_group = ReferenceOut()
    error = TextOut()


class AccountGrantOut(serializers.Serializer[AccountGrantRow]):
    """An account grant whose columns the account can pass on, by classification. `partition_keys` come with any column."""

    grant = Reference()
    table = Reference(source="grant.table")
    database = Reference(source="grant.table.database")
    expires_at = TimeOut(source="grant.ends_at")
    row_filter = TextOut()
    partition_keys = serializers.DictField(child=serializers.CharField())
    classes = PassableColumnsOut(many=True)
    subgrants = serializers.SerializerMethodField()

    @extend_schema_field(SubgrantOut(many=True))  # type: ignore[untyped-decorator]
    def get_subgrants(self, account_grant: AccountGrantRow) -> Any:
        groups = [int(pair.partition(":")[0]) for pair in account_grant.pairs]
        known: Mapping[int, Any] = self.context["groups"]
        rows = [
            {
                "local_group": refer_to(known[group], self.context["request"]),
                "error": one.failure,
                **state_members(one.state, one.failure),
            }
            for group, one in zip(groups, account_grant.states, strict=True)
            if one is not None
        ]
        return SubgrantOut(rows, many=True).data


class AccountGrantsOut(serializers.Serializer[Any]):
    account = Reference()
    results = AccountGrantOut(many=True)


class SubgrantChoiceIn(StrictSerializer):
    """The column classes of an account grant that a local group may see. An empty list removes access. Pairs that you do not name stay unchanged."""

    local_group = IdIn()
    grant = IdIn()
    classifications = serializers.ListField(child=serializers.ChoiceField(CLASSES), max_length=len(CLASSES))


class SubgrantsIn(StrictSerializer):
    choices = serializers.ListField(child=SubgrantChoiceIn(), max_length=MOST_CHOICES)


class SubgrantPlanIn(SubgrantsIn):
    """`plan_hash` comes from the plan that you previewed."""

    plan_hash = serializers.CharField(max_length=64)


class SubgrantChangeOut(serializers.Serializer[SubgrantChange]):
    """Columns that a local group gains and loses. `widenings` also become visible through other access."""

    local_group = Reference(source="group")
    grant = Reference(source="account_grant")
    added_columns = serializers.ListField(child=serializers.CharField(), source="adds")
    removed_columns = serializers.ListField(child=serializers.CharField(), source="removes")
    members = serializers.SerializerMethodField()
    widenings = serializers.ListField(child=serializers.CharField(), source="overlaps")

    def get_members(self, line: SubgrantChange) -> list[str]:
        return [member.arn for member in line.members]


class SubgrantPlanOut(serializers.Serializer[Any]):
    """What a change would do. Apply it under `plan_hash`."""

    plan_hash = serializers.CharField(source="compute_hash")
    changes = SubgrantChangeOut(many=True)


class SubgrantsView(APIView):
    @documented("list_subgrants", "List subgrants of an account", AccountGrantsOut)
    def get(self, request: Request, account_id: str) -> Response:
        account = get_account(get_signed_in_person(request), account_id)
        groups = list(list_local_groups(account))
        rows = build_account_grant_rows(account, groups, get_request_time(request))
        context = {"request": request, "groups": {group.pk: group for group in groups}}
        return Response(AccountGrantsOut({"account": account, "results": rows}, context=context).data)


class PlanView(APIView):
    @documented(
        "plan_subgrants",
        "Plan a change of subgrants",
        SubgrantPlanOut,
        takes=SubgrantsIn,
        description="Previews what a change of subgrants would do. Nothing is written.",
    )
    def post(self, request: Request, account_id: str) -> Response:
        body = read_body(SubgrantsIn, request)
        account = get_account(get_signed_in_person(request), account_id)
        plan = build_subgrant_plan(account, _choices(body), get_request_time(request))
        return Response(SubgrantPlanOut(plan, context={"request": request}).data)


class ApplyView(APIView):
    @documented(
        "apply_subgrants",
        "Apply a change of subgrants",
        SubgrantPlanOut,
        takes=SubgrantPlanIn,
        description="Applies the plan named by `plan_hash`. If the plan has changed since, nothing is done.",
    )
    def post(self, request: Request, account_id: str) -> Response:
        body = read_body(SubgrantPlanIn, request)
        done = pass_on(
            acting_user=get_signed_in_person(request),
            account_id=account_id,
            choices=_choices(body),
            plan_hash=body["plan_hash"],
            now=get_request_time(request),
        )
        return Response(SubgrantPlanOut(done, context={"request": request}).data)


def _choices(said: Mapping[str, Any]) -> SubgrantChoices:
    return {
        (choice["local_group"], choice["grant"]): frozenset(choice["classifications"])
        for choice in said["choices"]
    }
