"""What an access request says: who receives access, and to what."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers

from catalog.products.may import visible_products
from catalog.products.offers.models import DataUse
from identity.accounts import Principal, named_arn
from identity.people.models import Person, Team
from kernel.errors import RefusedError
from lakeformation.values.row_filters import MAX_LENGTH
from portal.api.fields import EndField, IdIn, ReferenceIn, TextIn, optional
from portal.api.problems import ChangedError
from portal.api.serializers import ALL, COLUMN_MODES, LISTED, StrictSerializer
from portal.request_form.api.required_information import RequiredInformationIn
from portal.request_form.many_tables_views import ManyTablesInput
from portal.request_form.table_views import TableInput
from portal.request_form.target_input import TargetInput
from portal.request_form.views import TARGET_INPUTS
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.policy_engine.request_texts import REQUEST_TEXTS, RequestText
from requests_app.submission.form_checks import MAX_ITEMS
from requests_app.targets.many_tables import ManyTablesTarget
from requests_app.targets.recipients import Recipient, get_recipient, list_requestable_principals
from requests_app.targets.requested_item import RequestedItem

MOST_COLUMNS, LONGEST_NAME = 5000, 255
TABLE = TableInput.kind
RECIPIENT_KINDS = ("principal", "local_group", "account")
ITEM_MEMBERS = {
    "items": "",
    "data_product": "data_product",
    "columns": "columns",
    "row_filter": "row_filter",
    "extent": "metadata_only",
    "offer": "offer_version",
    "use": "use",
    **{one.kind: f"target.{one.kind}" for one in TARGET_INPUTS if isinstance(one, ManyTablesInput)},
}
"""Paths within one item, by the argument name of the action."""
REQUEST_MEMBERS = {
    **{field: f"items.0.{member}" for field, member in ITEM_MEMBERS.items() if member},
    "principal": "recipient",
}
"""Places in an access request. Actions name an input of an item by itself only where it is the only item."""


class TargetIn(StrictSerializer):
    """A table; a database or tags, with the `members_hash` of what you looked at."""

    members_hash = serializers.CharField(
        max_length=64, required=False, allow_null=True, help_text="from the members of the database or tags"
    )

    def get_fields(self) -> dict[str, Any]:
        kinds = serializers.ChoiceField([one.kind for one in TARGET_INPUTS])
        members = {name: build() for one in TARGET_INPUTS for name, build in one.members.items()}
        return {"kind": kinds, **members, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        target_input = get_target_input(attrs["kind"])
        needed = {
            *target_input.members,
            *(["members_hash"] if isinstance(target_input, ManyTablesInput) else []),
        }
        given = {name for name, value in attrs.items() if name != "kind" and value not in (None, {})}
        wrong = {
            **dict.fromkeys(sorted(needed - given), _("This kind of target needs it.")),
            **dict.fromkeys(sorted(given - needed), _("This kind of target does not take it.")),
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


def get_target_input(kind: str) -> TargetInput:
    return next(one for one in TARGET_INPUTS if one.kind == kind)


class ColumnsIn(StrictSerializer):
    """Which columns and rows. Send `all` to include every column, also future ones; it is never the default."""

    column_mode = serializers.ChoiceField(COLUMN_MODES, default=LISTED)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_NAME), default=list, max_length=MOST_COLUMNS
    )
    row_filter = serializers.CharField(
        default="",
        allow_blank=True,
        allow_null=True,
        trim_whitespace=False,
        max_length=MAX_LENGTH,
        help_text="only rows that pass: columns compared with literals, IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT",
    )
    metadata_only = serializers.BooleanField(default=False, help_text="names and types of columns, no data")


class OfferedIn(StrictSerializer):
    offer_version = optional(IdIn, help_text="the version of an offer under which you request it")
    use = serializers.ChoiceField(
        DataUse.choices, required=False, allow_null=True, help_text="how you will use it; an offer demands it"
    )


class RequestItemIn(ColumnsIn, OfferedIn):
    """One thing that you request. A database or tags are the only item of their request, and take no columns."""

    target = TargetIn()
    data_product = optional(ReferenceIn)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        product = fields.pop("data_product")
        further = {name: build() for one in TARGET_INPUTS for name, build in one.item_members.items()}
        return {**fields, **further, "data_product": product}


class RecipientIn(StrictSerializer):
    """An IAM role or user by its ARN, a local group by its id, or an account by its number."""

    kind = serializers.ChoiceField(RECIPIENT_KINDS)
    principal = optional(ReferenceIn)
    local_group = optional(IdIn)
    account = optional(ReferenceIn, help_text="of the kind `account`; the others say it already")


class RequestTextsIn(StrictSerializer):
    """A member for each text of a request. `may_omit_texts`: none of them has to be sent."""

    may_omit_texts: ClassVar[bool] = False

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{text.name: self._build_text_in(text) for text in REQUEST_TEXTS}}

    def _build_text_in(self, text: RequestText) -> TextIn:
        must = text.is_required and not self.may_omit_texts
        short = {"max_length": text.max_length} if text.max_length < MAX_TEXT_LENGTH else {}
        help_text = {"help_text": text.help_text} if text.help_text else {}
        return TextIn(allow_blank=True, **short, **help_text, **({} if must else {"default": ""}))


class RequestDraftIn(RequestTextsIn):
    """What you might request."""

    recipient = RecipientIn()
    team = optional(ReferenceIn, help_text="for which of your teams; if you send none, the account's")
    expires_at = EndField()
    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RequestItemIn(), min_length=1, max_length=MAX_ITEMS
    )


class AcceptedTermsIn(StrictSerializer):
    accepted_terms = serializers.ListField(
        child=IdIn(), default=list, max_length=MAX_ITEMS, help_text="ids of terms of use that you accept"
    )


class AccessRequestIn(RequestDraftIn, RequiredInformationIn, AcceptedTermsIn):
    """What you request, for whom, for what purpose, until when."""


def recipient_in(person: Person, said: Mapping[str, Any]) -> Recipient:
    """RefusedError for one for whom the person may not request."""
    kind = said["kind"]
    return get_recipient(person, kind, said[kind])


def principal_in(person: Person, arn: str) -> Principal:
    """RefusedError for one for which the person may not request."""
    found = list_requestable_principals(person).filter(named_arn(arn)).first()
    if found is None:
        raise RefusedError(_("This role or user is unknown, or in no account of your teams."), "principal")
    return found


def team_in(person: Person, slug: str | None, recipient: Recipient) -> Team:
    if slug is None:
        return recipient.principal.account.team
    found = person.teams.filter(slug=slug).first()
    if found is None:
        raise RefusedError(_("You have no team of this name."), "team")
    return found


def columns_in(said: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an action, from what was sent as `ColumnsIn`."""
    return {
        "columns": tuple(said["columns"]),
        "whole_table": said["column_mode"] == ALL,
        "row_filter": said["row_filter"] or "",
        "metadata_only": said["metadata_only"],
    }


def items_in(person: Person, items: list[dict[str, Any]]) -> list[RequestedItem]:
    """Reads items of tables. RefusedError for an invalid item."""
    found = []
    for number, said in enumerate(items):
        with item_refusals(number):
            found.append(item_in(person, said))
    return found


@contextmanager
def item_refusals(number: int) -> Iterator[None]:
    """Refusals of one item, raised at its place among the others."""
    try:
        yield
    except RefusedError as error:
        member = ITEM_MEMBERS.get(error.field)
        if member is None:
            raise
        place = f"items.{number}.{member}" if member else f"items.{number}"
        raise RefusedError(error.message, place) from error


def item_in(person: Person, said: Mapping[str, Any]) -> RequestedItem:
    """Reads the item of a table. RefusedError for an unknown data product."""
    product = None
    if slug := said["data_product"]:
        product = visible_products(person).filter(slug=slug).first()
        if product is None:
            raise RefusedError(_("There is no data product %(slug)s.") % {"slug": slug}, "data_product")
    return RequestedItem(
        table_id=said["target"][TABLE],
        product_id=product.pk if product else None,
        offer_id=said["offer_version"],
        use=said.get("use") or "",
        **columns_in(said),
    )


def kind_of_request(items: list[dict[str, Any]]) -> str:
    """That of its target. ValidationError where several things do not go together."""
    kinds = {item["target"]["kind"] for item in items}
    if len(items) > 1 and kinds != {TABLE}:
        raise serializers.ValidationError({"items": _("Request a database, or tags, by itself.")})
    kind: str = kinds.pop()
    first = items[0]
    if kind != TABLE and (
        first["columns"] or first["row_filter"] or first["metadata_only"] or first["data_product"]
    ):
        words = _("A database, or tags, are requested whole: leave out columns, row filter and data product.")
        raise serializers.ValidationError({"items": {"0": [words]}})
    for one in TARGET_INPUTS:
        wrong = [name for name in one.item_members if (one.kind == kind) != bool(first.get(name))]
        if wrong:
            raise serializers.ValidationError({"items": {"0": {wrong[0]: [str(one.item_member_message)]}}})
    return kind


def many_tables_target_in(person: Person, item: Mapping[str, Any]) -> ManyTablesTarget:
    """The target as it was looked at. NotFoundError, RefusedError, ChangedError."""
    said = item["target"]
    target_input = get_target_input(said["kind"])
    assert isinstance(target_input, ManyTablesInput)
    target = target_input.build_target(person, item)
    if target.members_hash != said["members_hash"]:
        detail = str(target_input.changed_message or target.changed_message)
        raise ChangedError(
            "members_changed", detail, "items.0.target.members_hash", members_hash=target.members_hash
        )
    return target
