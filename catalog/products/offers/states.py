"""The life cycle of an offer's version, and the choices of which it is made."""

from collections.abc import Mapping

from django.db.models import TextChoices


class OfferState(TextChoices):
    DRAFT = "draft", "draft"
    IN_FORCE = "in_force", "published"
    WITHDRAWN = "withdrawn", "retired"


class Scope(TextChoices):
    """Of what one may ask: tables by name; whatever tables a database has, those of later too; LF-Tags."""

    TABLES = "tables", "tables by name"
    DATABASE = "database", "all tables of a database, including future ones"
    TAGS = "tags", "everything with certain LF-Tags"


class Use(TextChoices):
    """How data are used. Lake Formation holds the second; the others are on the word of who asks."""

    QUERY = "query", "query"
    METADATA = "metadata", "metadata only"
    DATA_API = "data_api", "data API"
    TRAINING = "training", "train models"
    EXPORT = "export", "copies outside the lake"


OFFER_MOVES: Mapping[OfferState, frozenset[OfferState]] = {
    OfferState.DRAFT: frozenset({OfferState.IN_FORCE, OfferState.WITHDRAWN}),
    OfferState.IN_FORCE: frozenset({OfferState.WITHDRAWN}),
    OfferState.WITHDRAWN: frozenset(),
}
