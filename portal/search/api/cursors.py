"""Where the next page of a search goes on: opaque to whoever holds it, and good for that search and person alone."""

import hashlib
from dataclasses import replace
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from catalog.search.query import SearchQuery
from catalog.search.results import Keys, SearchResult
from identity.errors import RefusedError
from identity.people.models import Person

SALT = "search-cursor"


def cursor_after(found: SearchResult, asked: SearchQuery, person: Person) -> str | None:
    """What leads to the next page, or None on the last one. A correction of the words holds for all pages."""
    if found.following is None:
        return None
    said: dict[str, Any] = {"of": _mark(asked, person), "keys": found.following, "text": found.corrected}
    return signing.dumps(said, salt=SALT, compress=True)


def opened(cursor: str, asked: SearchQuery, person: Person) -> tuple[SearchQuery, Keys]:
    """The search to go on with, and after which keys. RefusedError for a cursor of another search, or none of ours."""
    try:
        said = signing.loads(cursor, salt=SALT)
    except signing.BadSignature as error:
        words = _("This is not a cursor of a search. Send what `next` held on the page before.")
        raise RefusedError(words, "cursor") from error
    if said["of"] != _mark(asked, person):
        raise _refused()
    query = replace(asked, text=said["text"]) if said["text"] else asked
    return query, tuple(said["keys"])


def _refused() -> RefusedError:
    return RefusedError(_("This cursor belongs to another search. Begin again without it."), "cursor")


def _mark(asked: SearchQuery, person: Person) -> str:
    return hashlib.sha256(f"{person.pk}?{asked.to_querystring()}".encode()).hexdigest()[:16]
