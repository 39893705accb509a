"""Sign-in."""

from django.apps import apps
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse

from portal.authentication.forms import SignInForm

TOO_MANY_REQUESTS = 429
DEMO_SIGN_IN_TEMPLATE = "demo/persona_sign_in.html" if apps.is_installed("demo") else ""


class SignInView(LoginView):
    authentication_form = SignInForm

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if isinstance(form, SignInForm) and form.lockout_message:
            response.status_code = TOO_MANY_REQUESTS
        return response


sign_in = SignInView.as_view(
    template_name="portal/authentication/sign_in.html",
    redirect_authenticated_user=True,
    extra_context={"demo_sign_in_template": DEMO_SIGN_IN_TEMPLATE},
)
