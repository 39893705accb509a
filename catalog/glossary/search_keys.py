"""Keys by which a search finds glossary terms: the stems of their names and synonyms."""

from collections.abc import Collection

from catalog.glossary.models import Term
from catalog.search.index.stems import stems_of
from catalog.search.index.tokenizer import words


def index_terms(ids: Collection[int] | None = None) -> int:
    """Write the keys of these terms, or of all. Returns how many differed."""
    rows = Term.objects.all() if ids is None else Term.objects.filter(pk__in=ids)
    folded = {term: [[word.text for word in words(name)] for name in term.names] for term in rows}
    stems = stems_of({word for names in folded.values() for name in names for word in name})
    changed = []
    for term, names in folded.items():
        keys = [" ".join(stems[word] for word in name if word in stems) for name in names]
        if keys != term.keys:
            term.keys = keys
            changed.append(term)
    Term.objects.bulk_update(changed, ["keys"])
    return len(changed)
