"""URLs of break-glass."""

from django.urls import path

from portal.break_glass import views
from portal.break_glass.api import views as api

urlpatterns = [
    path("break-glass/", views.listing, name="break-glass"),
    path("break-glass/consents/new/", views.new_consent, name="break-glass-consent-new"),
    path("break-glass/consents/<int:pk>/revoke/", views.revoke, name="break-glass-consent-revoke"),
    path("break-glass/sessions/new/", views.new_session, name="break-glass-session-new"),
    path("break-glass/sessions/<int:pk>/", views.detail, name="break-glass-session"),
    path("break-glass/sessions/<int:pk>/confirm/", views.confirm, name="break-glass-session-confirm"),
    path("break-glass/sessions/<int:pk>/end/", views.end, name="break-glass-session-end"),
    path("break-glass/sessions/<int:pk>/review/", views.review, name="break-glass-session-review"),
]

api_urlpatterns = [
    path("break-glass/consents", api.ConsentsView.as_view(), name="api-break-glass-consents"),
    path("break-glass/consents/<int:pk>", api.ConsentView.as_view(), name="api-break-glass-consent"),
    path(
        "break-glass/consents/<int:pk>/revoke",
        api.RevokeConsentView.as_view(),
        name="api-break-glass-consent-revoke",
    ),
    path("break-glass/sessions", api.SessionsView.as_view(), name="api-break-glass-sessions"),
    path("break-glass/sessions/<int:pk>", api.SessionView.as_view(), name="api-break-glass-session"),
    path(
        "break-glass/sessions/<int:pk>/confirm",
        api.ConfirmSessionView.as_view(),
        name="api-break-glass-session-confirm",
    ),
    path(
        "break-glass/sessions/<int:pk>/end", api.EndSessionView.as_view(), name="api-break-glass-session-end"
    ),
    path(
        "break-glass/sessions/<int:pk>/review",
        api.ReviewSessionView.as_view(),
        name="api-break-glass-session-review",
    ),
]
