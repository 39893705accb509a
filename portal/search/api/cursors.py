"""Cursors of a search: signed, and valid for one search and person only."""

import hashlib
from dataclasses import replace
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from catalog.search.plans.matches import Keys
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from identity.people.models import Person
from kernel.errors import RefusedError

SALT = "search-cursor"


def cursor_after(found: SearchResult, query: SearchQuery, person: Person) -> str | None:
    """The cursor of the next page, or None on the last one. Corrected words stay corrected on all pages."""
    if found.following is None:
        return None
    content: dict[str, Any] = {
        "of": _fingerprint(query, person),
        "keys": found.following,
        "text": found.corrected,
    }
    return signing.dumps(content, salt=SALT, compress=True)


def read_cursor(cursor: str, query: SearchQuery, person: Person) -> tuple[SearchQuery, Keys]:
    """The search, and the keys after which the page starts. RefusedError for an invalid cursor or one of another search."""
    try:
        content = signing.loads(cursor, salt=SALT)
    except signing.BadSignature as error:
        words = _("This is not a cursor of a search. Send what `next` held on the page before.")
        raise RefusedError(words, "cursor") from error
    if content["of"] != _fingerprint(query, person):
        raise RefusedError(_("This cursor belongs to another search. Begin again without it."), "cursor")
    if content["text"]:
        query = replace(query, text=content["text"])
    return query, tuple(content["keys"])


def _fingerprint(query: SearchQuery, person: Person) -> str:
    return hashlib.sha256(f"{person.pk}?{query.to_querystring()}".encode()).hexdigest()[:16]
