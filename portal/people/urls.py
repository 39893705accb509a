"""URLs of people, teams and domains."""

from django.urls import path

from portal.people import views

urlpatterns = [
    path("people/<int:pk>/", views.person, name="person"),
    path("teams/<slug:slug>/", views.team, name="team"),
    path("domains/<slug:slug>/", views.domain, name="domain"),
]
