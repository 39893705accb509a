"""Your own profile and settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language_from_request, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from identity.authentication import change_password, end_other_sessions, may_change_password
from identity.people.actions import attempt_sign_in, choose_language, clear_sign_in_attempts
from identity.people.queries import list_memberships
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from portal.authentication.password_texts import PASSWORD_ERRORS, list_password_rules
from portal.pages.client_address import get_client_address
from portal.pages.forms import PageForm, add_refusal
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.people.presenters import build_platform_roles, build_team_roles
from requests_app.notifications.projection import list_channels

TOO_MANY_ATTEMPTS = "shut"
OK, UNPROCESSABLE, TOO_MANY_REQUESTS = 200, 422, 429
SECONDS_PER_MINUTE, SECONDS_PER_HOUR = 60, 3600


class LanguageForm(PageForm):
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the pages"),
        choices=[("", gettext_lazy("As your browser asks")), *settings.LANGUAGES],
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the languages in the list.")},
    )


class OwnPasswordForm(PasswordChangeForm):
    """Wrong current passwords count as attempts to sign in: a session that was left open must not help to guess."""

    error_messages = {
        **PASSWORD_ERRORS,
        "password_incorrect": gettext_lazy(
            "This is not your current password. Passwords are case-sensitive."
        ),
    }

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    @sensitive_variables("password")
    def clean_old_password(self) -> str:
        try:
            attempt_sign_in(email=self.user.email, address=self.address, now=clock.now())
        except ForbiddenError as error:
            raise ValidationError(error.verdict.reason, TOO_MANY_ATTEMPTS) from error
        password = super().clean_old_password()
        clear_sign_in_attempts(email=self.user.email)
        return password

    @property
    def is_blocked(self) -> bool:
        return self.has_error("old_password", TOO_MANY_ATTEMPTS)


@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    form = LanguageForm(initial={"language": get_signed_in_person(request).language})
    return _render_profile(request, form, OK)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of your pages; the answer is already in it."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _render_profile(request, form, UNPROCESSABLE)
    person = choose_language(
        acting_user=get_signed_in_person(request),
        language=form.cleaned_data["language"],
        now=get_request_time(request),
    )
    with override(person.language or get_language_from_request(request)):
        messages.success(request, _("Your language is saved."))
    return redirect("profile")


def _render_profile(request: HttpRequest, language_form: LanguageForm, status: int) -> HttpResponse:
    person = get_signed_in_person(request)
    context = {
        "language_form": language_form,
        "person": person,
        "team_roles": build_team_roles(list_memberships(person)),
        "platform_roles": build_platform_roles(person),
        "channels": [channel.label for channel in list_channels()],
        "password_verdict": may_change_password(person),
        "idle_minutes": settings.SESSION_COOKIE_AGE // SECONDS_PER_MINUTE,
        "session_hours": settings.LONGEST_SESSION // SECONDS_PER_HOUR,
    }
    return render(request, "portal/profile/profile.html", context, status=status)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change your password. Without one, the page says why there is no form."""
    person = get_signed_in_person(request)
    verdict = may_change_password(person)
    told = request.POST if request.method == "POST" and verdict else None
    form = OwnPasswordForm(person, told, address=get_client_address(request))
    if form.is_bound and form.is_valid() and _change_password(request, form):
        return redirect("profile")
    context = {"form": form, "verdict": verdict, "rules": list_password_rules()}
    return render(request, "portal/profile/password.html", context, status=_get_status(request, form))


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    person = end_other_sessions(acting_user=get_signed_in_person(request), now=get_request_time(request))
    update_session_auth_hash(request, person)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("profile")


def _change_password(request: HttpRequest, form: OwnPasswordForm) -> bool:
    """This session goes on; False if the form has errors."""
    try:
        person = change_password(
            acting_user=get_signed_in_person(request),
            password=form.cleaned_data["new_password1"],
            now=get_request_time(request),
        )
    except RefusedError as error:
        add_refusal(form, error)
        return False
    update_session_auth_hash(request, person)
    messages.success(request, _("Your password is changed. You are signed out everywhere else."))
    return True


def _get_status(request: HttpRequest, form: OwnPasswordForm) -> int:
    if request.method != "POST":
        return OK
    return TOO_MANY_REQUESTS if form.is_blocked else UNPROCESSABLE
