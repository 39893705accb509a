"""Requests, decisions and grants, to be looked at. A grant ends by its verb, here as everywhere."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from audit import clock
from audit.admin_bases import ReadOnlyAdmin
from identity.errors import ForbiddenError, NotFoundError, RefusedError
from identity.people.models import Person
from requests_app.actions import revoke_grant
from requests_app.asks import LONGEST_TEXT
from requests_app.break_glass.models import BreakGlass, ConsentTable, StandingConsent
from requests_app.bulk.models import BulkDecision, BulkItem
from requests_app.campaigns.models import Campaign, CampaignLine
from requests_app.delegation.models import Delegation
from requests_app.dialogue.models import Change, Remark
from requests_app.landing import admin as landing  # noqa: F401 - Django looks for an app's pages here
from requests_app.leavers.models import Departure
from requests_app.models import AccessRequest, Decision, Grant, Item
from requests_app.notices.models import Letter, ToldUpTo
from requests_app.passing_on.models import LocalGrant, LocalHold
from requests_app.promises.models import Overdue
from requests_app.rules import admin as rules  # noqa: F401 - Django looks for an app's pages here
from requests_app.rules.models import RuleAcceptance
from requests_app.states import IllegalMoveError
from requests_app.webhooks import admin as webhooks  # noqa: F401 - Django looks for an app's pages here


class ReasonForm(ActionForm):
    reason = forms.CharField(required=False, max_length=LONGEST_TEXT)


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("id", "table", "principal", "state", "granted_at", "ends_at", "ended_at")
    list_filter = ("state",)
    search_fields = ("principal__name", "principal__arn", "table__name")
    list_select_related = ("table__database", "principal__account")
    action_form = ReasonForm
    actions = ("revoke",)

    @admin.action(description="Revoke, with the reason", permissions=["view"])
    def revoke(self, request: HttpRequest, grants: QuerySet[Grant]) -> None:
        assert isinstance(request.user, Person)
        for grant in grants:
            try:
                revoke_grant(
                    acting_user=request.user,
                    grant_id=grant.pk,
                    reason=request.POST.get("reason", ""),
                    now=clock.now(),
                )
            except (RefusedError, ForbiddenError, NotFoundError, IllegalMoveError) as error:
                self.message_user(request, f"{grant}: {str(error) or 'not found'}", messages.ERROR)
            else:
                self.message_user(request, f"{grant} is revoked; the workers remove it now.")


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnlyAdmin):
    list_display = ("id", "requester", "team", "principal", "submitted_at", "ends_at")
    list_filter = ("team",)
    search_fields = ("requester__name", "purpose")


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    list_display = ("id", "request", "table", "state", "state_changed_at")
    list_filter = ("state",)
    list_select_related = ("request__requester", "table__database")


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "made_by", "made_at", "comment")
    list_select_related = ("item__request", "item__table__database", "made_by")


@admin.register(Remark)
class RemarkAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "author", "said_at", "kind")
    list_filter = ("kind",)
    list_select_related = ("item__request", "item__table__database", "author")


@admin.register(BulkDecision)
class BulkDecisionAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "answer", "given_at", "due_at", "done_at", "undone_at")
    list_filter = ("answer",)
    list_select_related = ("person",)


@admin.register(BulkItem)
class BulkItemAdmin(ReadOnlyAdmin):
    list_display = ("id", "bulk", "item", "outcome", "words")
    list_filter = ("outcome",)
    list_select_related = ("bulk__person", "item__request", "item__table__database")


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "started_by", "started_at", "due_at", "state")
    list_filter = ("state",)
    list_select_related = ("started_by",)


@admin.register(CampaignLine)
class CampaignLineAdmin(ReadOnlyAdmin):
    list_display = ("id", "campaign", "grant", "state", "answered_by", "answered_at")
    list_filter = ("state",)
    list_select_related = (
        "campaign", "grant__item__table__database", "grant__principal__account", "answered_by",
    )  # fmt: skip


@admin.register(StandingConsent)
class StandingConsentAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "domain",
        "given_by",
        "taker",
        "second",
        "principal",
        "hours",
        "until",
        "withdrawn_at",
    )
    list_select_related = ("domain", "given_by", "taker", "second", "principal__account")


@admin.register(ConsentTable)
class ConsentTableAdmin(ReadOnlyAdmin):
    list_display = ("id", "consent", "table")
    list_select_related = ("consent__taker", "table__database")


@admin.register(BreakGlass)
class BreakGlassAdmin(ReadOnlyAdmin):
    list_display = ("id", "taken_by", "taken_at", "confirmed_by", "state", "reviewed_by")
    list_filter = ("state",)
    list_select_related = ("taken_by", "confirmed_by", "reviewed_by")


@admin.register(LocalGrant)
class LocalGrantAdmin(ReadOnlyAdmin):
    list_display = ("id", "group", "envelope", "given_by", "given_at", "ended_at")
    list_select_related = ("group__account", "envelope__table__database", "envelope__principal__account")


@admin.register(LocalHold)
class LocalHoldAdmin(ReadOnlyAdmin):
    list_display = ("id", "local_grant", "member", "intent")
    list_select_related = ("local_grant__group__account", "member", "intent")


@admin.register(RuleAcceptance)
class RuleAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("person", "text", "accepted_at")
    list_select_related = ("person",)
    search_fields = ("person__name", "text")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "item",
        "answer",
        "role",
        "decided_by",
        "decided_at",
        "by_rule",
        "by_offer",
        "effects_hash",
    )
    list_filter = ("answer", "role")
    list_select_related = (
        "item__request",
        "item__table__database",
        "decided_by",
        "by_rule__domain",
        "by_offer",
    )


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = ("key", "person", "made_at", "attempts", "due_at", "sent_at", "gave_up_at", "failure")
    list_filter = (("sent_at", admin.EmptyFieldListFilter), ("gave_up_at", admin.EmptyFieldListFilter))
    search_fields = ("key", "person__name")
    list_select_related = ("person",)


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "delegate", "team", "starts_at", "ends_at", "ended_at")
    list_select_related = ("owner", "delegate", "team")


@admin.register(Overdue)
class OverdueAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "step", "since")
    list_filter = ("step",)
    list_select_related = ("item__request", "item__table__database")


@admin.register(Departure)
class DepartureAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "person")
    list_select_related = ("item__request", "item__table__database", "person")


admin.site.register(ToldUpTo, ReadOnlyAdmin)
