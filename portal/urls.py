"""Addresses of the portal's pages. The root URLconf names the error pages: see `portal.views.problems`."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from portal.views import (
    access,
    asking,
    connecting,
    doors,
    glossary,
    machine,
    products,
    requests,
    reviews,
    search,
    syncs,
)

urlpatterns = [
    path("", search.home, name="home"),
    path("suggest/", search.suggest, name="suggest"),
    path("glossary/", glossary.listing, name="glossary"),
    path("glossary/<slug:slug>/", glossary.term, name="term"),
    path("products/<slug:slug>/", products.product, name="product"),
    path("products/<slug:slug>/access/", access.of_product, name="product-access"),
    path("tables/<int:pk>/", products.table, name="table"),
    path("tables/<int:pk>/request/", asking.ask, name="ask"),
    path("requests/", requests.listing, name="requests"),
    path("requests/<int:pk>/", requests.detail, name="request"),
    path("items/<int:pk>/withdraw/", requests.withdraw, name="withdraw"),
    path("inbox/", reviews.inbox, name="inbox"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("access/", access.mine, name="access"),
    path("access/<int:pk>/revoke/", access.revoke, name="revoke"),
    path("accounts/", connecting.accounts, name="accounts"),
    path("accounts/connecting/<int:pk>/", connecting.connection, name="connection"),
    path("accounts/connecting/<int:pk>/check/", connecting.check, name="connection-check"),
    path("accounts/connecting/<int:pk>/register/", connecting.register, name="connection-register"),
    path("accounts/templates/<slug:name>.yaml", connecting.template, name="account-template"),
    path("syncs/", syncs.listing, name="syncs"),
    path("syncs/ask/", syncs.ask, name="sync-ask"),
    path("syncs/<int:pk>/", syncs.detail, name="sync"),
    path("syncs/<int:pk>/resume/", syncs.resume, name="sync-resume"),
    path("syncs/<int:pk>/drop/", syncs.drop, name="sync-drop"),
    path("keys/", doors.keys, name="keys"),
    path("sign-in/", doors.sign_in, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("healthz", machine.healthz, name="healthz"),
    path("csp-report/", machine.csp_report, name="csp-report"),
]
