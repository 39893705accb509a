"""Addresses of break-glass."""

from django.urls import path

from portal.break_glass import api, views

urlpatterns = [
    path("break-glass/", views.listing, name="break-glass"),
    path("break-glass/consents/new/", views.new_consent, name="break-glass-consent-new"),
    path("break-glass/consents/<int:pk>/revoke/", views.revoke, name="break-glass-consent-revoke"),
    path("break-glass/sessions/new/", views.new_session, name="break-glass-session-new"),
    path("break-glass/sessions/<int:pk>/", views.session, name="break-glass-session"),
    path("break-glass/sessions/<int:pk>/confirm/", views.confirm, name="break-glass-session-confirm"),
    path("break-glass/sessions/<int:pk>/end/", views.end, name="break-glass-session-end"),
    path("break-glass/sessions/<int:pk>/review/", views.review, name="break-glass-session-review"),
]

api_urlpatterns = [
    path("break-glass/", api.BreakGlassesView.as_view(), name="api-break-glass"),
    path("break-glass/consents/", api.ConsentsView.as_view(), name="api-consents"),
    path(
        "break-glass/consents/<int:pk>/withdraw",
        api.WithdrawConsentView.as_view(),
        name="api-consent-withdraw",
    ),
    path("break-glass/<int:pk>/", api.BreakGlassView.as_view(), name="api-break-glass-one"),
    path("break-glass/<int:pk>/confirm", api.ConfirmBreakGlassView.as_view(), name="api-break-glass-confirm"),
    path("break-glass/<int:pk>/end", api.EndBreakGlassView.as_view(), name="api-break-glass-end"),
    path("break-glass/<int:pk>/review", api.ReviewBreakGlassView.as_view(), name="api-break-glass-review"),
]
