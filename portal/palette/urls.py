"""URL of the command palette."""

from django.urls import path

from portal.palette import views

urlpatterns = [path("go/", views.palette, name="palette")]
