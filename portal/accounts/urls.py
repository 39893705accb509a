"""URLs of accounts."""

from django.urls import path

from portal.accounts import views

urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("account-connections/<int:pk>/", views.connection, name="account-connection"),
    path("account-connections/<int:pk>/check/", views.check, name="account-connection-check"),
    path("account-connections/<int:pk>/complete/", views.register, name="account-connection-complete"),
    path(
        "account-connections/templates/<slug:name>.yaml",
        views.cloudformation_template,
        name="account-connection-template",
    ),
]
