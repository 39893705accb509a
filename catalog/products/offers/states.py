"""States of offer versions, and the choices of their fields."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class OfferState(TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class OfferScope(TextChoices):
    """What can be requested: tables by name; whatever tables a database has, those of later too; LF-Tags."""

    TABLES = "tables", _("tables by name")
    DATABASE = "database", _("all tables of a database, including future ones")
    TAGS = "tags", _("everything with certain LF-Tags")


class DataUse(TextChoices):
    """How data may be used. Lake Formation enforces only `METADATA`; the others rely on the requester."""

    QUERY = "query", _("query")
    METADATA = "metadata", _("metadata only")
    DATA_API = "data_api", _("data API")
    TRAINING = "training", _("train models")
    EXPORT = "export", _("copies outside the lake")


OFFER_TRANSITIONS = Transitions(
    OfferState,
    {
        OfferState.DRAFT: {OfferState.PUBLISHED, OfferState.RETIRED},
        OfferState.PUBLISHED: {OfferState.RETIRED},
    },
)
