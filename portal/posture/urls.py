"""URL of the posture page."""

from django.urls import path

from portal.posture import views

urlpatterns = [path("posture/", views.posture, name="posture")]
