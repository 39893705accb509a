"""Base classes of admin pages whose saves propose a role change that a second governor confirms."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.admin import AuditedAdmin
from decisions.states import DecisionState
from identity.accounts import Account
from identity.departures import describe_loss, describe_vacancy, find_duty
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.changes import (
    ProposedRoleChange,
    build_membership_change,
    build_platform_role_change,
)
from identity.role_changes.proposals import make_role_change, propose_role_change
from kernel import clock
from kernel.admin_bases import ReadOnlyAdmin
from kernel.errors import ForbiddenError, RefusedError

# ruff: noqa: ARG002, SLF001 - Django names the arguments, and documents `_meta`


PROPOSAL_ONLY_FLAG = "_only_proposed"


def propose_change(request: HttpRequest, change: ProposedRoleChange) -> None:
    """Propose a change as the signed-in person, and show the result as a message."""
    assert isinstance(request.user, Person)
    try:
        made = propose_role_change(person=request.user, change=change, now=clock.now())
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, f"{change.description}: {error}")
        return
    if made.state == DecisionState.WAITING and (lost := describe_vacancy(made)):
        messages.warning(request, lost)
    words = {"change": str(made)}
    if made.state == DecisionState.WAITING:
        messages.warning(request, _("Proposed; a second governor must confirm: %(change)s.") % words)
    else:
        messages.success(request, _("In effect: %(change)s.") % words)


def record_change(request: HttpRequest, change: ProposedRoleChange) -> None:
    """Record a change that the signed-in person already made; see `make_role_change`."""
    assert isinstance(request.user, Person)
    make_role_change(person=request.user, change=change, now=clock.now())


class ProposalAdmin(AuditedAdmin):
    """Changes of `guarded_attributes` and of roles in inlines are proposed instead of saved; see `build_change`."""

    guarded_attributes: ClassVar[tuple[str, ...]] = ()
    """Attribute names; a relation's ends in `_id`."""

    def build_change(
        self, row: Any, new_values: Mapping[str, Any], old_values: Mapping[str, Any]
    ) -> ProposedRoleChange:
        raise NotImplementedError

    def is_guarded(self, name: str, value: Any) -> bool:
        """Whether setting this attribute to this value is a proposal."""
        return name in self.guarded_attributes

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        before, wanted = self._withhold_guarded(obj, form) if change else ({}, {})
        if form.changed_data or not wanted:
            super().save_model(request, obj, form, change)
        else:
            setattr(request, PROPOSAL_ONLY_FLAG, True)
        if wanted:
            propose_change(request, self.build_change(obj, wanted, before))

    def _withhold_guarded(self, obj: Model, form: "ModelForm[Any]") -> tuple[dict[str, Any], dict[str, Any]]:
        """Old and new values of changed guarded attributes, which are reset on `obj` and the form."""
        stored = type(obj)._base_manager.get(pk=obj.pk)
        before, wanted = {}, {}
        for name in self.guarded_attributes:
            value, kept = getattr(obj, name), getattr(stored, name)
            if value != kept and self.is_guarded(name, value):
                before[name], wanted[name] = kept, value
                setattr(obj, name, kept)
        hidden = {obj._meta.get_field(name).name for name in wanted}
        form.changed_data[:] = [name for name in form.changed_data if name not in hidden]
        return before, wanted

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """No success message when changes were only proposed."""
        if not getattr(request, PROPOSAL_ONLY_FLAG, False):
            super().message_user(request, message, *args, **kwargs)

    def save_formset(
        self,
        request: HttpRequest,
        form: "ModelForm[Any]",
        formset: "BaseModelFormSet[Any, Any]",
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        if formset.model not in {Membership, PlatformRole}:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        for row in formset.deleted_objects:
            propose_change(request, build_role_change(row, held=False))
        for row in formset.new_objects:
            propose_change(request, build_role_change(row, held=True))
        if (formset.new_objects or formset.deleted_objects) and not form.changed_data:
            setattr(request, PROPOSAL_ONLY_FLAG, True)
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []


class RolesAdmin(AuditedAdmin):
    """Roles are added and removed, each by a proposal; none is changed."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        propose_change(request, build_role_change(obj, held=True))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        propose_change(request, build_role_change(obj, held=False))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """With a warning for each role that nobody else holds."""
        names, counts, lacking, protected = super().get_deleted_objects(objs, request)
        lost = [find_duty(row.person, row.role, getattr(row, "team", None)) for row in objs]
        return [*names, *(describe_loss(one) for one in lost if one)], counts, lacking, protected

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Nothing was added; the record has the proposal."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Nothing was deleted; the record has the proposal."""

    def response_add(
        self, request: HttpRequest, obj: Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._redirect_to_list()

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        return self._redirect_to_list()

    def _redirect_to_list(self) -> HttpResponse:
        named = self.model._meta
        return redirect(reverse(f"admin:{named.app_label}_{named.model_name}_changelist"))


def build_role_change(row: Any, *, held: bool) -> ProposedRoleChange:
    """The change that gives or takes a membership or a platform role."""
    if isinstance(row, Membership):
        return build_membership_change(row.person, row.team, row.role, held=held)
    assert isinstance(row, PlatformRole)
    return build_platform_role_change(row.person, row.role, held=held)


class AccountNamesAdmin(ReadOnlyAdmin):
    """The column `named_account` shows the account's name before its number."""

    account_field: ClassVar[str] = "account_id"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        named = Account.objects.filter(account_id=OuterRef(self.account_field)).values("name")[:1]
        rows = super().get_queryset(request)
        with_names: QuerySet[Any] = rows.annotate(account_name=Subquery(named))
        return with_names

    @admin.display(description="account", ordering="account_name")
    def named_account(self, row: Any) -> str:
        number = getattr(row, self.account_field)
        return f"{row.account_name} ({number})" if row.account_name else str(number)
