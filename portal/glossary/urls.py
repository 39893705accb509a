"""URLs of the glossary."""

from django.urls import path

from portal.glossary import views

urlpatterns = [
    path("glossary/", views.listing, name="glossary"),
    path("glossary/<slug:slug>/", views.term, name="glossary-term"),
]
