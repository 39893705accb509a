"""States of offer versions, and the choices of their fields."""

from django.db.models import TextChoices

from identity.state_transitions import Transitions


class OfferState(TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"
    RETIRED = "retired", "retired"


class OfferScope(TextChoices):
    """What can be requested: tables by name; whatever tables a database has, those of later too; LF-Tags."""

    TABLES = "tables", "tables by name"
    DATABASE = "database", "all tables of a database, including future ones"
    TAGS = "tags", "everything with certain LF-Tags"


class DataUse(TextChoices):
    """How data may be used. Lake Formation enforces only `METADATA`; the others rely on the requester."""

    QUERY = "query", "query"
    METADATA = "metadata", "metadata only"
    DATA_API = "data_api", "data API"
    TRAINING = "training", "train models"
    EXPORT = "export", "copies outside the lake"


OFFER_TRANSITIONS = Transitions(
    OfferState,
    {
        OfferState.DRAFT: {OfferState.PUBLISHED, OfferState.RETIRED},
        OfferState.PUBLISHED: {OfferState.RETIRED},
    },
)
