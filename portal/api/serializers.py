"""Serializers that several features share: items, requests, grants, effects, people and principals."""

from collections.abc import Mapping
from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fulfilment.observations.reading_age import ReadingTimes
from lakeformation.effects.table_effects import Effects
from portal.api.fields import StateField, TextIn
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.display_states.rules import get_request_state
from requests_app.display_states.vocabulary import DisplayState, Tone
from requests_app.grants.models import Grant
from requests_app.review.access_status import get_access_status

UNKNOWN = "There is no member of this name here."


class StrictSerializer(serializers.Serializer[Any]):
    """For decisions: a misspelt or misplaced restriction must not be passed over in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(dict.fromkeys(unknown, UNKNOWN))
        return super().to_internal_value(data)


class ReasonIn(serializers.Serializer[Any]):
    reason = TextIn(allow_blank=True)


class LineOut(serializers.Serializer[Any]):
    """One line of the effects: `+` added, `=` already there, `!` take note."""

    sign = serializers.CharField()
    text = serializers.CharField()
    account = serializers.CharField()
    resource = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())


class WideningOut(serializers.Serializer[Any]):
    """An overlap by which the principal sees more than is asked for here. `rows` is empty for all rows."""

    key = serializers.CharField()
    columns = serializers.DictField()
    rows = serializers.CharField(allow_blank=True)
    text = serializers.CharField()


class EffectsOut(serializers.Serializer[Effects]):
    """What a yes makes true. Each of `widenings` needs a yes of its own: send its `key`, too."""

    approved = serializers.DictField()
    adds = LineOut(many=True)
    already_there = LineOut(many=True)
    not_granted = serializers.ListField(child=serializers.CharField())
    side_effects = LineOut(many=True)
    warnings = LineOut(many=True)
    widenings = serializers.SerializerMethodField()
    refusals = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(WideningOut(many=True))  # type: ignore[untyped-decorator]
    def get_widenings(self, effects: Effects) -> list[dict[str, Any]]:
        return [one.to_json() for one in effects.widenings]


def readings_in(context: Mapping[str, Any]) -> ReadingTimes:
    """Of one answer, read once for all that is shown in it."""
    kept = cast("dict[str, Any]", context)
    return cast("ReadingTimes", kept.setdefault("readings", ReadingTimes()))


class ProgressOut(serializers.Serializer[Any]):
    """`state` is one of ten words, `state_reason` which case of it, empty where the state says all. `presence` is what AWS
    was found to hold at `evidence_at`; `usable` whether nothing else stands in the way. `kind` and `word` repeat the state
    as the pages show it.
    """

    state = StateField(source="shown.state")
    state_reason = serializers.CharField(source="shown.reason", allow_blank=True)
    kind = serializers.ChoiceField(source="shown.tone", choices=[one.value for one in Tone])
    word = serializers.CharField(source="shown.label")
    sentence = serializers.CharField()
    presence = serializers.CharField(allow_blank=True)
    usable = serializers.BooleanField(allow_null=True)
    evidence_at = serializers.DateTimeField(allow_null=True)
    residual_until = serializers.DateTimeField(allow_null=True)


class PersonOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class PrincipalOut(serializers.Serializer[Any]):
    """An IAM role or user of a connected account. `tags` are its tags in IAM; null while nobody has read them. `services`
    may take it on, by its trust policy: then `owner` is who answers for it, null for nobody.
    """

    arn = serializers.CharField()
    name = serializers.CharField()
    tags = serializers.DictField(child=serializers.CharField(), allow_null=True)
    services = serializers.ListField(child=serializers.CharField())
    owner = PersonOut(source="living_owner", allow_null=True)
    account_id = serializers.CharField(source="account.account_id")
    account = serializers.CharField(source="account.name")
    team = serializers.CharField(source="account.team.slug")


class GroupNameOut(serializers.Serializer[Any]):
    """A local group of the account that is the principal, for which it was asked."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class TableNameOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    database = serializers.CharField(source="database.name")
    catalog = serializers.CharField(source="database.catalog.short_name")


class DecisionOut(serializers.Serializer[Any]):
    decided_by = PersonOut()
    on_behalf_of = PersonOut(allow_null=True)
    decided_at = serializers.DateTimeField()
    answer = serializers.CharField()
    comment = serializers.CharField()
    trial_days = serializers.IntegerField(allow_null=True)
    widenings = WideningOut(many=True)


class _WithProgress(serializers.Serializer[Any]):
    progress = serializers.SerializerMethodField()

    @extend_schema_field(ProgressOut)  # type: ignore[untyped-decorator]
    def get_progress(self, row: Item | Grant) -> dict[str, Any]:
        readings = readings_in(self.context)
        progress = get_access_status(row, now=self.context["now"], readings=readings)
        return cast("dict[str, Any]", ProgressOut(progress).data)


class TagsOut(serializers.DictField):
    """Values by key; empty where a table was asked for by name."""

    child = serializers.ListField(child=serializers.CharField())


class GrantOut(_WithProgress):
    """What was agreed, and what AWS holds of it. `name` says in words what it is of: with `tags` or `whole_database` many
    tables, and `table` is an example then.
    """

    id = serializers.IntegerField()
    name = serializers.CharField(source="item.name")
    item = serializers.IntegerField(source="item_id")
    request = serializers.IntegerField(source="item.request_id")
    table = TableNameOut(source="item.table")
    principal = PrincipalOut()
    group = GroupNameOut(source="item.request.group", allow_null=True)
    columns = serializers.ListField(child=serializers.CharField(), source="item.columns")
    whole_table = serializers.BooleanField(source="item.whole_table")
    row_rule = serializers.CharField(source="item.row_rule")
    metadata_only = serializers.BooleanField(source="item.metadata_only")
    tags = TagsOut(source="item.tags")
    whole_database = serializers.BooleanField(source="item.whole_database")
    state = serializers.CharField()
    granted_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    requester_is_active = serializers.BooleanField(
        source="item.request.asker.is_active", help_text="false: whoever answers for it has left"
    )


class LastUsedOut(serializers.Serializer[Any]):
    """`at` is when CloudTrail tells that it was used last. If that is null, it was not used between `since` and `until`; if
    these are null too, nothing is known, and `is_read` says whether the catalog's trail is read at all. `is_never`: it
    was not used in all the time since it was granted, up to `until`; where it is false, use before `since` is not known.
    """

    at = serializers.DateTimeField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    is_read = serializers.BooleanField()
    is_never = serializers.BooleanField()


class GrantWithUseOut(GrantOut):
    """With when it was last used; `uses` of the context has it by grant."""

    last_used = serializers.SerializerMethodField()

    @extend_schema_field(LastUsedOut)  # type: ignore[untyped-decorator]
    def get_last_used(self, grant: Grant) -> dict[str, Any]:
        return cast("dict[str, Any]", LastUsedOut(self.context["uses"][grant.pk]).data)


class ItemOut(_WithProgress):
    """One table in a request; with `tags`, whatever carries them, and with `whole_database`, every table of its database,
    those yet to come too: then the table is an example.
    """

    id = serializers.IntegerField()
    request = serializers.IntegerField(source="request_id")
    table = TableNameOut()
    product = serializers.CharField(source="product.slug", allow_null=True, default=None)
    columns = serializers.ListField(child=serializers.CharField())
    whole_table = serializers.BooleanField()
    row_rule = serializers.CharField()
    metadata_only = serializers.BooleanField()
    tags = TagsOut()
    whole_database = serializers.BooleanField()
    offer = serializers.IntegerField(source="offer_id", allow_null=True)
    use = serializers.CharField(allow_blank=True)
    ends_at = serializers.DateTimeField()
    state = serializers.CharField()
    state_changed_at = serializers.DateTimeField()
    answers = serializers.DictField(
        child=serializers.CharField(), help_text="what rules demanded to be said, by name"
    )
    decisions = DecisionOut(many=True)
    grant = serializers.IntegerField(source="grant.id", allow_null=True, default=None)


class RequestOut(serializers.Serializer[Any]):
    """The request, with those of its items that you may see. `taken_over_by` answers for it since its requester left. `state`
    is the first that one of the items is in: failed, needs attention, not known, waiting for review, applying, ending,
    active, ended, rejected, withdrawn.
    """

    id = serializers.IntegerField()
    requester = PersonOut()
    taken_over_by = PersonOut(allow_null=True)
    team = serializers.CharField(source="team.slug")
    principal = PrincipalOut()
    group = GroupNameOut(allow_null=True)
    purpose = serializers.CharField()
    ends_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField()
    state = serializers.SerializerMethodField()
    state_reason = serializers.SerializerMethodField()
    items = ItemOut(many=True)

    def get_state(self, asked: AccessRequest) -> str:
        return self._shown(asked).state.value

    def get_state_reason(self, asked: AccessRequest) -> str:
        return self._shown(asked).reason.value

    def _shown(self, asked: AccessRequest) -> DisplayState:
        readings = readings_in(self.context)
        now = self.context["now"]
        return get_request_state(
            get_access_status(item, now=now, readings=readings).shown for item in asked.items.all()
        )
