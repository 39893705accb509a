"""What people do on the site's pages, done through its API: ask, approve, wait, revoke; confirming role changes; and opening a page.

    python docs/first-mesh/people.py http://127.0.0.1:8000 ask ada@cafe.example orders order_id,coffee arn:aws:iam::…

They sign in with MESHMARKET_FIRST_PASSWORD.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener


class Site:
    """As one person."""

    def __init__(self, url: str, email: str) -> None:
        self.url, self.jar = url, CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))
        self.opener.open(f"{url}/sign-in/").close()
        told = {"username": email, "password": os.environ["MESHMARKET_FIRST_PASSWORD"], **self.token}
        self.opener.open(f"{url}/sign-in/", urlencode(told).encode()).close()

    @property
    def token(self) -> dict[str, str]:
        return {"csrfmiddlewaretoken": next(one.value or "" for one in self.jar if one.name == "csrftoken")}

    def api(self, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.token["csrfmiddlewaretoken"]}
        data = None if body is None else json.dumps(body).encode()
        with self.opener.open(Request(f"{self.url}/api/v1/{path}", data, headers)) as answer:  # noqa: S310
            return json.load(answer)


def ask(site: Site, product: str, columns: str, principal: str) -> None:
    """For the named columns of the product's first table, for thirty days."""
    table = site.api(f"data-products/{product}")["tables"][0]
    item = {
        "target": {"kind": "table", "table": table["id"]},
        "columns": columns.split(","),
        "data_product": product,
    }
    asked = site.api(
        "access-requests",
        {
            "recipient": {"kind": "principal", "principal": principal},
            "purpose": "Menu of the coming month",
            "expires_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
            "items": [item],
        },
    )
    print(f"request {asked['id']} for {table['name']}: {columns}")


def approve(site: Site) -> None:
    """Everything in the inbox, each with the effects that its review shows."""
    for waiting in site.api("reviews")["results"]:
        review = site.api(f"reviews/{waiting['id']}")
        said = {"outcome": "approve", "effects_hash": review["effects_hash"]}
        site.api(f"reviews/{waiting['id']}/decisions", said)
        print(f"approved: {'; '.join(line['text'] for line in review['effects']['adds'])}")


def wait(site: Site, state: str) -> None:
    """Until the newest grant is `usable` or `ended` in AWS."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        grant = site.api("grants")["results"][0]
        if grant["usable"] if state == "usable" else grant["presence"] == "absent":
            print(f"grant {grant['id']} is {state}")
            return
        time.sleep(0.5)
    sys.exit(f"not {state} within a minute: {grant['state']}, {grant['sentence']}")


def revoke(site: Site, grant: str, reason: str) -> None:
    site.api(f"grants/{grant}/revoke", {"comment": reason})
    print(f"grant {grant} is revoked")


CONFIRMABLE = re.compile(
    r'action="(?P<action>/role-changes/[^"]+)"(?:(?!</form>).)*?name="effects_hash" value="(?P<hash>[^"]*)"(?:(?!</form>).)*?value="confirm"',
    re.DOTALL,
)


def _list_confirmable(site: Site) -> list[tuple[str, str]]:
    """The address of each form that confirms, and what the person is shown that it does."""
    with site.opener.open(f"{site.url}/role-changes/") as answer:
        return CONFIRMABLE.findall(answer.read().decode())


def confirm(site: Site) -> None:
    """Every role change that waits and that the person may confirm, as on the page *Role changes*."""
    waiting = _list_confirmable(site)
    for action, effects_hash in waiting:
        body = urlencode({"do": "confirm", "effects_hash": effects_hash, **site.token}).encode()
        site.opener.open(f"{site.url}{action}", body).close()
    left = _list_confirmable(site)
    print(f"confirmed: {len(waiting) - len(left)} of {len(waiting)} role changes")


def open_page(site: Site, path: str) -> None:
    """A page as the person's browser gets it."""
    with site.opener.open(f"{site.url}{path}") as answer:
        print(f"{answer.status} {answer.url.removeprefix(site.url)}")


VERBS: dict[str, Callable[..., None]] = {
    "ask": ask, "approve": approve, "confirm": confirm, "open": open_page, "revoke": revoke, "wait": wait,
}  # fmt: skip

if __name__ == "__main__":
    url, verb, email, *rest = sys.argv[1:]
    VERBS[verb](Site(url, email), *rest)
