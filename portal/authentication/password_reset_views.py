"""Ask for a link by mail, and choose a new password with it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from identity.authentication import (
    may_receive_password_reset,
    password_reset_tokens,
    request_password_reset,
    reset_password,
)
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError
from portal.authentication.forms import NewPasswordForm, PasswordResetRequestForm
from portal.authentication.password_texts import list_password_rules
from portal.pages.client_address import get_client_address
from portal.pages.request_time import get_request_time

OK, NOT_FOUND, UNPROCESSABLE, TOO_MANY_REQUESTS = 200, 404, 422, 429
SECONDS_PER_MINUTE = 60


@login_not_required
@require_http_methods(["GET", "POST"])
def request_reset(request: HttpRequest) -> HttpResponse:
    """It answers the same for every e-mail, after the same work: a worker looks for the person."""
    if not settings.MAIL_IS_SENT:
        return _render_request(request, status=OK if request.method == "GET" else UNPROCESSABLE)
    form = PasswordResetRequestForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _render_request(request, form, status=UNPROCESSABLE if form.is_bound else OK)
    try:
        request_password_reset(
            email=form.cleaned_data["email"],
            address=get_client_address(request),
            now=get_request_time(request),
        )
    except ForbiddenError as error:
        return _render_request(request, form, error=error.verdict.reason, status=TOO_MANY_REQUESTS)
    return redirect("password-reset-sent")


@login_not_required
@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    minutes = settings.PASSWORD_RESET_TIMEOUT // SECONDS_PER_MINUTE
    return render(request, "portal/authentication/password_reset_sent.html", {"minutes": minutes})


class ConfirmView(PasswordResetConfirmView):
    """Django's view keeps the token in the session and leads to an address without it, so that no page tells it to another."""

    form_class = NewPasswordForm
    token_generator = password_reset_tokens
    template_name = "portal/authentication/password_reset_confirm.html"
    http_method_names = ["get", "head", "post", "options"]

    def get_user(self, uidb64: str) -> Person | None:
        """None as well for people who may not reset a password."""
        person = super().get_user(uidb64)
        return person if isinstance(person, Person) and may_receive_password_reset(person) else None

    def form_valid(self, form: "SetPasswordForm[Person]") -> HttpResponse:
        assert self.user is not None
        try:
            reset_password(
                person_id=self.user.pk,
                token=self.request.session[INTERNAL_RESET_SESSION_TOKEN],
                password=form.cleaned_data["new_password1"],
                now=clock.now(),
            )
        except ForbiddenError:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        logout(self.request)
        messages.success(self.request, _("Your new password is set. You are signed out everywhere."))
        return redirect("sign-in")

    def form_invalid(self, form: "SetPasswordForm[Person]") -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "rules": list_password_rules()}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """A link that is not valid is not there."""
        return super().render_to_response(
            context, **({} if self.validlink else {"status": NOT_FOUND}), **kwargs
        )


confirm = ConfirmView.as_view()


def _render_request(
    request: HttpRequest, form: PasswordResetRequestForm | None = None, *, error: str = "", status: int
) -> HttpResponse:
    """Without a form, where no mail is sent."""
    context = {"form": form, "error": error}
    return render(request, "portal/authentication/password_reset.html", context, status=status)
