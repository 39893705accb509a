"""Bases for the administration pages of rows that give power: their saves propose, and a second governor confirms."""
# ruff: noqa: ARG002, SLF001 - Django names the arguments, and documents `_meta`

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock
from audit.admin_bases import AuditedAdmin
from identity.errors import ForbiddenError, RefusedError
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.changes import Change, membership, platform_role
from identity.role_changes.proposals import make_role_change, propose_role_change
from identity.role_changes.states import RoleChangeState

ONLY_PROPOSED = "_only_proposed"


def propose(request: HttpRequest, change: Change) -> None:
    """On the word of who is signed in; above the page it is said what came of it."""
    assert isinstance(request.user, Person)
    try:
        made = propose_role_change(person=request.user, change=change, now=clock.now())
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, f"{change.what}: {error}")
        return
    words = {"change": str(made)}
    if made.state == RoleChangeState.WAITING:
        messages.warning(request, _("Proposed; a second governor must confirm: %(change)s.") % words)
    else:
        messages.success(request, _("In effect: %(change)s.") % words)


def made_by(request: HttpRequest, change: Change) -> None:
    """Keep that who is signed in did something on which decisions may rest: see `make_role_change`."""
    assert isinstance(request.user, Person)
    make_role_change(person=request.user, change=change, now=clock.now())


class ProposingAdmin(AuditedAdmin):
    """What `guarded` names is not saved but proposed; roles in inlines as well. `change_of` says the proposal."""

    guarded: ClassVar[tuple[str, ...]] = ()
    """Names of attributes: of a relation with `_id`."""

    def change_of(self, row: Any, wanted: Mapping[str, Any], before: Mapping[str, Any]) -> Change:
        raise NotImplementedError

    def guards(self, name: str, value: Any) -> bool:
        """Whether setting this attribute to this value is a proposal."""
        return name in self.guarded

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        before, wanted = self._held_back(obj, form) if change else ({}, {})
        if form.changed_data or not wanted:
            super().save_model(request, obj, form, change)
        else:
            setattr(request, ONLY_PROPOSED, True)
        if wanted:
            propose(request, self.change_of(obj, wanted, before))

    def _held_back(self, obj: Model, form: "ModelForm[Any]") -> tuple[dict[str, Any], dict[str, Any]]:
        """What stands and what was said, of guarded attributes that differ; `obj` and form are as if it was not said."""
        stored = type(obj)._base_manager.get(pk=obj.pk)
        before, wanted = {}, {}
        for name in self.guarded:
            value, kept = getattr(obj, name), getattr(stored, name)
            if value != kept and self.guards(name, value):
                before[name], wanted[name] = kept, value
                setattr(obj, name, kept)
        hidden = {obj._meta.get_field(name).name for name in wanted}
        form.changed_data[:] = [name for name in form.changed_data if name not in hidden]
        return before, wanted

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """Not that the row was changed, when nothing of it was."""
        if not getattr(request, ONLY_PROPOSED, False):
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
            propose(request, role_of(row, held=False))
        for row in formset.new_objects:
            propose(request, role_of(row, held=True))
        if (formset.new_objects or formset.deleted_objects) and not form.changed_data:
            setattr(request, ONLY_PROPOSED, True)
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []


class RolesAdmin(AuditedAdmin):
    """Roles are given and taken, each by a proposal; none is changed into another."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        propose(request, role_of(obj, held=True))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        propose(request, role_of(obj, held=False))

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Nothing was added; the record has the proposal."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Nothing was deleted; the record has the proposal."""

    def response_add(
        self, request: HttpRequest, obj: Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._to_the_list()

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        return self._to_the_list()

    def _to_the_list(self) -> HttpResponse:
        named = self.model._meta
        return redirect(reverse(f"admin:{named.app_label}_{named.model_name}_changelist"))


def role_of(row: Any, *, held: bool) -> Change:
    """To give or take what the row says, a membership or a role across the mesh."""
    if isinstance(row, Membership):
        return membership(row.person, row.team, row.role, held=held)
    assert isinstance(row, PlatformRole)
    return platform_role(row.person, row.role, held=held)
