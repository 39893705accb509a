"""Shapes that several features share: inputs, effects, recipients and targets."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from catalog.mirror.models import Table
from identity.accounts import LocalGroup, Principal
from lakeformation.effects.table_effects import Effects
from portal.api.fields import EnumOut, TextIn, TextOut
from portal.api.references import OptionalReference, Reference, ReferenceOut, refer_to
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.access_requests.item_targets import list_api_kinds
from requests_app.access_requests.models import RequestItem

UNKNOWN = _("There is no member of this name here.")


class StrictSerializer(serializers.Serializer[Any]):
    """Unknown members are refused: a misspelt restriction must not be passed over in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {name: [ErrorDetail(str(UNKNOWN), "unknown_member")] for name in unknown}
            )
        return super().to_internal_value(data)


def read_body(shape: type[serializers.Serializer[Any]], request: Any) -> dict[str, Any]:
    """What was sent, as `shape` reads it. ValidationError."""
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class CommentIn(StrictSerializer):
    comment = TextIn(allow_blank=True)


class EffectsApprovalIn(StrictSerializer):
    """`effects_hash` as you read it: other effects are refused."""

    effects_hash = serializers.CharField(max_length=64)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=MAX_TEXT_LENGTH)


class ReasonIn(StrictSerializer):
    reason = serializers.CharField(max_length=MAX_TEXT_LENGTH)


class EmptyIn(StrictSerializer):
    """Nothing: the address says it all."""


class EffectLineOut(serializers.Serializer[Any]):
    """`sign` is `+` for what is added, `=` for what is there already, `!` for what to note."""

    sign = serializers.CharField()
    text = serializers.CharField()
    account = TextOut(help_text="an AWS account id")
    resource = TextOut()
    columns = serializers.ListField(child=serializers.CharField())


class WideningOut(serializers.Serializer[Any]):
    """What also becomes visible through other access. `row_filter` is null for all rows."""

    key = serializers.CharField()
    columns = serializers.DictField()
    row_filter = TextOut(source="rows")
    text = serializers.CharField()


class EffectsOut(serializers.Serializer[Effects]):
    """What you approve. Agree to each of `widenings` by its `key`. `approved` is what `effects_hash` binds."""

    approved = serializers.DictField()
    adds = EffectLineOut(many=True)
    already_there = EffectLineOut(many=True)
    not_granted = serializers.ListField(child=serializers.CharField(), help_text="columns that stay closed")
    side_effects = EffectLineOut(many=True)
    warnings = EffectLineOut(many=True)
    widenings = serializers.SerializerMethodField()
    refusals = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(WideningOut(many=True))  # type: ignore[untyped-decorator]
    def get_widenings(self, effects: Effects) -> list[dict[str, Any]]:
        return list(WideningOut([widening.to_json() for widening in effects.widenings], many=True).data)


class PrincipalOut(serializers.Serializer[Principal]):
    """An IAM role or user of an account, or the account as a whole; `id` is its ARN. `tags` are those in IAM, null while
    nobody has read them. `services` may assume it; then `responsible_person` answers for it, or is null.
    """

    id = serializers.CharField(source="arn")
    name = serializers.CharField()
    kind = serializers.SerializerMethodField()
    tags = serializers.DictField(child=serializers.CharField(), allow_null=True)
    services = serializers.ListField(child=serializers.CharField())
    responsible_person = OptionalReference(source="active_responsible_person")
    account = Reference()
    team = Reference(source="account.team")

    @extend_schema_field(EnumOut(("role", "user", "account")))  # type: ignore[untyped-decorator]
    def get_kind(self, principal: Principal) -> str:
        if principal.is_account:
            return "account"
        return "user" if principal.is_user else "role"


class RecipientOut(serializers.Serializer[Any]):
    """Who receives access. `local_group` is of `account`, null for other kinds; so is `principal` for them."""

    kind = EnumOut(("principal", "local_group", "account"))
    principal = ReferenceOut(allow_null=True)
    local_group = ReferenceOut(allow_null=True)
    account = ReferenceOut()


def recipient_of(principal: Principal, group: LocalGroup | None, request: Any) -> dict[str, Any]:
    """As `RecipientOut`."""
    kind = "local_group" if group else "account" if principal.is_account else "principal"
    return {
        "kind": kind,
        "principal": refer_to(principal, request) if kind == "principal" else None,
        "local_group": refer_to(group, request) if group else None,
        "account": refer_to(principal.account, request),
    }


class TagsOut(serializers.DictField):
    """LF-Tags: values by key."""

    child = serializers.ListField(child=serializers.CharField())


class TargetOut(serializers.Serializer[Any]):
    """What access is for. `table` is of the kind `table`, `tags` of the kind `tags`; the other is null or empty. A database
    includes future tables.
    """

    kind = EnumOut(list_api_kinds())
    table = ReferenceOut(allow_null=True)
    database = ReferenceOut(allow_null=True)
    catalog = ReferenceOut()
    tags = TagsOut()


def target_of(item: RequestItem, request: Any) -> dict[str, Any]:
    """As `TargetOut`."""
    target, database = item.target, item.table.database
    return {
        "kind": target.api_kind,
        "table": refer_to(item.table, request) if target.is_single_table else None,
        "database": refer_to(database, request) if target.names_database else None,
        "catalog": refer_to(database.catalog, request),
        "tags": item.tags,
    }


def target_of_table(table: Table, request: Any) -> dict[str, Any]:
    """As `TargetOut`, of one table."""
    return {
        "kind": "table",
        "table": refer_to(table, request),
        "database": refer_to(table.database, request),
        "catalog": refer_to(table.database.catalog, request),
        "tags": {},
    }


LISTED, ALL = "listed", "all"
COLUMN_MODES = (LISTED, ALL)


class TermsOut(serializers.Serializer[Any]):
    """How much of the target. `column_mode` is `listed` for `columns`, or `all` for every column, also future ones. `row_filter` is null for all rows."""

    target = serializers.SerializerMethodField()
    column_mode = serializers.SerializerMethodField()
    columns = serializers.SerializerMethodField()
    row_filter = serializers.SerializerMethodField()
    metadata_only = serializers.SerializerMethodField()

    def item_of(self, row: Any) -> RequestItem:
        return row if isinstance(row, RequestItem) else row.item

    @extend_schema_field(TargetOut())  # type: ignore[untyped-decorator]
    def get_target(self, row: Any) -> dict[str, Any]:
        return target_of(self.item_of(row), self.context["request"])

    @extend_schema_field(EnumOut(COLUMN_MODES))  # type: ignore[untyped-decorator]
    def get_column_mode(self, row: Any) -> str:
        return ALL if self.item_of(row).target.has_future_columns else LISTED

    def get_columns(self, row: Any) -> list[str]:
        return list(self.item_of(row).columns)

    @extend_schema_field(TextOut())  # type: ignore[untyped-decorator]
    def get_row_filter(self, row: Any) -> str | None:
        return self.item_of(row).row_filter or None

    def get_metadata_only(self, row: Any) -> bool:
        return not self.item_of(row).target.shows_data
