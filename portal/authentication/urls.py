"""URLs of sign-in, sign-out and the reset of a password."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from portal.authentication import password_reset_views, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("password-reset/", password_reset_views.request_reset, name="password-reset"),
    path("password-reset/sent/", password_reset_views.sent, name="password-reset-sent"),
    path(
        "password-reset/<str:uidb64>/<str:token>/",
        password_reset_views.confirm,
        name="password-reset-confirm",
    ),
]
