"""A person at the running site: signs in at the page, then speaks to it over HTTP with cookies and CSRF token."""

import http.client
import json
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from demo.journey.steps import StepFailedError

SIGN_IN_PATH = "/sign-in/"
REQUEST_SECONDS = 300.0


class ResponseError(StepFailedError):
    """The site refused: `status` and its body as JSON, or empty."""

    def __init__(self, status: int, path: str, body: dict[str, Any]) -> None:
        super().__init__(f"{path} answered {status}: {body.get('detail') or body or 'no reason'}")
        self.status = status
        self.body = body


class SiteClient:
    """One signed-in person. A connection each request, so that threads may share a client."""

    def __init__(self, url: str, email: str, password: str, *, language: str = "") -> None:
        address = urlsplit(url)
        assert address.hostname is not None
        assert address.port is not None
        self._host, self._port = address.hostname, address.port
        self._origin = f"http://{self._host}:{self._port}"
        self.email = email
        self._language = language
        self._cookies: dict[str, str] = {}
        self._sign_in(password)

    def _sign_in(self, password: str) -> None:
        """By the form of the page; StepFailedError when the site does not let the person in."""
        self._send("GET", SIGN_IN_PATH)
        fields = {"username": self.email, "password": password, "csrfmiddlewaretoken": self._token}
        kind = "application/x-www-form-urlencoded"
        status, _ = self._send("POST", SIGN_IN_PATH, urlencode(fields).encode(), kind)
        if status != http.HTTPStatus.FOUND:
            raise StepFailedError(f"{self.email} could not sign in: {SIGN_IN_PATH} answered {status}")

    def get_page(self, path: str) -> str:
        """A page's HTML; ResponseError unless it is answered with 200."""
        status, body = self._send("GET", path)
        if status != http.HTTPStatus.OK:
            raise ResponseError(status, path, {})
        return body.decode()

    def get(self, path: str, **query: str | int) -> Any:
        """The API's JSON; ResponseError when it is refused."""
        return self._send_json("GET", f"/api/v1/{path}" + (f"?{urlencode(query)}" if query else ""))

    def post(self, path: str, body: dict[str, Any], key: str = "") -> Any:
        """As `get`; the site's own refusals come with their reason. Sent again under its `key`, a call is one."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._send_json("POST", f"/api/v1/{path}", json.dumps(body).encode(), headers)

    def list_all(self, path: str) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        page = self.get(path, limit=100)
        rows: list[dict[str, Any]] = page["results"]
        while page["next"]:
            address = urlsplit(page["next"])
            page = self._send_json("GET", f"{address.path}?{address.query}")
            rows += page["results"]
        return rows

    def _send_json(
        self, method: str, path: str, body: bytes | None = None, more: Mapping[str, str] | None = None
    ) -> Any:
        status, answer = self._send(method, path, body, "application/json", more)
        found = json.loads(answer) if answer[:1] in {b"{", b"["} else {}
        if status >= http.HTTPStatus.BAD_REQUEST or not found:
            raise ResponseError(status, path, found)
        return found

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "text/html",
        more: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        headers |= {"Accept-Language": self._language} if self._language else {}
        headers |= more or {}
        if body is not None:
            headers |= {"Content-Type": kind, "X-CSRFToken": self._token, "Origin": self._origin}
        connection = http.client.HTTPConnection(self._host, self._port, timeout=REQUEST_SECONDS)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            self._store_cookies(answer.headers.get_all("Set-Cookie") or [])
            return answer.status, answer.read()
        finally:
            connection.close()

    def _store_cookies(self, lines: list[str]) -> None:
        for line in lines:
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}

    @property
    def _token(self) -> str:
        return self._cookies.get("csrftoken", "")
