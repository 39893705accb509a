from django.urls import path

from portal import views

urlpatterns = [path("", views.home, name="home"), path("sign-in/", views.home, name="sign-in")]
