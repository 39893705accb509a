"""URLs of CSP reports."""

from django.urls import path

from portal.csp_reports import views

urlpatterns = [
    path("csp-report/", views.csp_report, name="csp-report"),
]
