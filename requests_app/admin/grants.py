"""Grants and subgrants. A grant is revoked by its verb."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from identity.people.models import Person
from kernel import clock
from kernel.admin_bases import ReadOnlyAdmin
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.models import Subgrant, SubgrantIntent


class ReasonForm(ActionForm):
    reason = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("id", "table", "principal", "state", "granted_at", "ends_at", "ended_at")
    list_filter = ("state", "principal__account", "ends_at")
    search_fields = ("principal__name", "principal__arn", "table__name", "table__database__name")
    list_select_related = (
        "table__database",
        "principal__account",
        "item__table__database",
        "item__request",
        "intent",
        "ended_by",
        "event",
    )
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
            except (RefusedError, ForbiddenError, NotFoundError, IllegalTransitionError) as error:
                self.message_user(request, f"{grant}: {str(error) or 'not found'}", messages.ERROR)
            else:
                self.message_user(request, f"{grant} is revoked; the workers remove it now.")


@admin.register(Subgrant)
class SubgrantAdmin(ReadOnlyAdmin):
    list_display = ("id", "group", "account_grant", "granted_by", "granted_at", "ended_at")
    list_filter = ("group__account", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("group__name", "granted_by__name", "account_grant__table__name")
    list_select_related = (
        "group__account",
        "account_grant__item__table__database",
        "account_grant__principal__account",
        "granted_by",
        "ended_by",
        "event",
    )


@admin.register(SubgrantIntent)
class SubgrantIntentAdmin(ReadOnlyAdmin):
    list_display = ("id", "subgrant", "member", "intent__presence")
    search_fields = ("member__arn", "subgrant__group__name")
    list_select_related = (
        "subgrant__group__account",
        "subgrant__account_grant__item__table__database",
        "subgrant__account_grant__principal__account",
        "member",
        "intent",
    )
