"""Admin pages of people, teams and roles; changes of roles are proposed."""
# ruff: noqa: ARG002 - Django names the arguments

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from audit.admin import AuditedAdmin, record_edit
from identity.admin.bases import ProposalAdmin, RolesAdmin, record_change
from identity.authentication import PasswordResetRequest
from identity.departures import describe_loss, list_duties, record_deactivation
from identity.people.models import Membership, Person, PlatformRole, SignInAttempt, Team
from identity.role_changes.changes import (
    ADMINISTRATION_FIELDS,
    ProposedRoleChange,
    build_administration_change,
    build_email_change,
    build_password_change,
)
from kernel import clock
from kernel.admin_bases import AdminInline, ReadOnlyAdmin

if TYPE_CHECKING:
    PersonBase = UserAdmin[Person]
    CreationBase = AdminUserCreationForm[Person]
    ChangeBase = UserChangeForm[Person]
else:
    PersonBase, CreationBase, ChangeBase = UserAdmin, AdminUserCreationForm, UserChangeForm

REDIRECT_STATUS = 302


admin.site.unregister(Group)


SUPERUSER_ONLY_FIELDS = ("email", "is_staff", "is_superuser", "groups", "user_permissions")


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, Person) and request.user.is_active and request.user.is_superuser


class PersonCreationForm(CreationBase):
    class Meta:
        model = Person
        fields = ("email", "name", "is_external")


class PersonChangeForm(ChangeBase):
    accepts_vacancies = forms.BooleanField(
        required=False,
        label=_("deactivate although nobody takes over"),
        help_text=_(
            "To hand the roles over in the same step, use Deactivate on the person's page of the marketplace."
        ),
    )

    class Meta:
        model = Person
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        """Whoever alone decides something is not deactivated unawares."""
        cleaned = super().clean() or {}
        if cleaned.get("is_active", True) or not (
            duties := list_duties(Person.objects.get(pk=self.instance.pk))
        ):
            return cleaned
        if not cleaned.get("accepts_vacancies"):
            self.add_error("is_active", [describe_loss(duty) for duty in duties])
        return cleaned


class MembershipInline(AdminInline):
    model = Membership
    autocomplete_fields = ("person", "team")
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PlatformRoleInline(AdminInline):
    model = PlatformRole
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(ProposalAdmin, PersonBase):
    """A person who leaves is deactivated, not deleted: decisions are keyed to them. Reactivating them is
    proposed, like every change of roles.
    """

    guarded_attributes = ADMINISTRATION_FIELDS

    form = PersonChangeForm
    add_form = PersonCreationForm
    ordering = ("name",)
    list_display = ("name", "email", "title", "is_active", "is_external", "is_staff", "last_login")
    list_filter = ("is_active", "is_external", "is_staff", "platform_roles__role", "teams")
    search_fields = ("name", "email")
    inlines = (MembershipInline, PlatformRoleInline)
    fieldsets = (
        (None, {"fields": ("email", "name", "title", "is_external", "password")}),
        ("May enter", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "is_external", "usable_password", "password1", "password2")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> Any:
        """Without the link to the page that sets a password, for who may not set one."""
        found = super().get_fieldsets(request, obj)
        if obj is not None and (duties := list_duties(obj)):
            warning = " ".join(describe_loss(duty) for duty in duties)
            found = [
                *found,
                (_("Only they decide"), {"fields": ("accepts_vacancies",), "description": escape(warning)}),
            ]
        if obj is None or _is_superuser(request):
            return found
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "password"]})
            for title, options in found
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        """A superuser is changed by superusers alone."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (_is_superuser(request) or obj is None or not obj.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> Any:
        """Only superusers change these fields of an existing person."""
        readonly_fields = super().get_readonly_fields(request, obj)
        return (
            readonly_fields
            if obj is None or _is_superuser(request)
            else (*readonly_fields, *SUPERUSER_ONLY_FIELDS)
        )

    def is_guarded(self, name: str, value: Any) -> bool:
        return name != "is_active" or bool(value)

    def build_change(
        self, row: Person, new_values: Mapping[str, Any], old_values: Mapping[str, Any]
    ) -> ProposedRoleChange:
        return build_administration_change(row, new_values, old_values)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        form.changed_data[:] = [name for name in form.changed_data if name != "accepts_vacancies"]
        is_deactivated = change and "is_active" in form.changed_data and not obj.is_active
        duties = list_duties(Person.objects.get(pk=obj.pk)) if is_deactivated else []
        super().save_model(request, obj, form, change)
        if is_deactivated and isinstance(request.user, Person):
            record_deactivation(person=request.user, leaver=obj, duties=duties, changes=[], now=clock.now())
        if not obj.has_usable_password():
            return
        if not change:
            record_change(request, build_password_change(obj))
        elif "email" in form.changed_data and obj != request.user:
            record_change(request, build_email_change(obj))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's signature
        if not _is_superuser(request):
            raise PermissionDenied  # whoever sets a password can sign in, and decide, as that person
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == REDIRECT_STATUS:
                person = Person.objects.get(pk=id)
                record_edit(request, "change", person, ["password"])
                if person != request.user and person.has_usable_password():
                    record_change(request, build_password_change(person))
        return response


@admin.register(Group)
class AuditedGroupAdmin(AuditedAdmin, GroupAdmin):
    """Groups of administration permissions: superusers give them."""

    list_display = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)


@admin.register(Team)
class TeamAdmin(ProposalAdmin):
    list_display = ("name", "slug")
    ordering = ("name",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(RolesAdmin):
    list_display = ("person", "team", "role")
    list_filter = ("role", "team")
    search_fields = ("person__name", "person__email", "team__name")
    autocomplete_fields = ("person", "team")
    list_select_related = ("person", "team")


@admin.register(PlatformRole)
class PlatformRoleAdmin(RolesAdmin):
    list_display = ("person", "role")
    list_filter = ("role",)
    search_fields = ("person__name", "person__email")
    autocomplete_fields = ("person",)
    list_select_related = ("person",)


@admin.register(SignInAttempt)
class SignInAttemptAdmin(ReadOnlyAdmin):
    list_display = ("email", "address", "at")
    list_filter = ("at",)
    search_fields = ("email", "address")


@admin.register(PasswordResetRequest)
class PasswordResetRequestAdmin(ReadOnlyAdmin):
    list_display = ("email", "address", "at", "answered_at")
    list_filter = ("at",)
    search_fields = ("email", "address")
