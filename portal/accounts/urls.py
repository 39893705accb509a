"""Addresses of accounts."""

from django.urls import path

from portal.accounts import views

urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/connecting/<int:pk>/", views.connection, name="connection"),
    path("accounts/connecting/<int:pk>/check/", views.check, name="connection-check"),
    path("accounts/connecting/<int:pk>/register/", views.register, name="connection-register"),
    path("accounts/templates/<slug:name>.yaml", views.template, name="account-template"),
]
