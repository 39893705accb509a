"""URLs of sign-in and sign-out."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from portal.authentication import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
