"""The list of keyboard shortcuts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def keyboard_shortcuts(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/keyboard_shortcuts/list.html")
