"""The life cycle of a data product."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class ProductLifecycle(TextChoices):
    """A deprecated product is still found and used, but not requested. A retired one is only an address that names its successor."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    DEPRECATED = "deprecated", _("deprecated")
    RETIRED = "retired", _("retired")


class SharingTerms(TextChoices):
    """Whether consumers may pass on what they make from a product, as a data product of their own."""

    ALLOWED = "allowed", _("allowed")
    SAME_TERMS = "same_terms", _("allowed under the same terms")
    WITH_APPROVAL = "with_approval", _("only with our approval")
    FORBIDDEN = "forbidden", _("not allowed")


PRODUCT_TRANSITIONS = Transitions(
    ProductLifecycle,
    {
        ProductLifecycle.DRAFT: {ProductLifecycle.PUBLISHED},
        ProductLifecycle.PUBLISHED: {ProductLifecycle.DEPRECATED},
        ProductLifecycle.DEPRECATED: {ProductLifecycle.PUBLISHED, ProductLifecycle.RETIRED},
    },
)
