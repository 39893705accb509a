"""URLs of your own profile and settings."""

from django.urls import path

from portal.profile import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="profile-password"),
    path("profile/language/", views.language, name="profile-language"),
    path("profile/end-other-sessions/", views.end_sessions, name="profile-end-other-sessions"),
]
