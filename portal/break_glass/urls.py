"""Addresses of break-glass."""

from django.urls import path

from portal.break_glass import api, views

urlpatterns = [
    path("break-glass/", views.listing, name="break-glass"),
    path("break-glass/consents/give/<slug:slug>/", views.give, name="consent-give"),
    path("break-glass/consents/<int:pk>/withdraw/", views.withdraw, name="consent-withdraw"),
    path("break-glass/consents/<int:pk>/take/", views.take, name="break-glass-take"),
    path("break-glass/<int:pk>/", views.one, name="break-glass-one"),
    path("break-glass/<int:pk>/confirm/", views.confirm, name="break-glass-confirm"),
    path("break-glass/<int:pk>/end/", views.end, name="break-glass-end"),
    path("break-glass/<int:pk>/review/", views.review, name="break-glass-review"),
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
