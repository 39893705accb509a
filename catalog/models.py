"""Imports the models of each subpackage, because Django looks for them here."""

from catalog import (  # noqa: F401
    change_feed,
    change_versions,
    crawler_runs,
    discovery,
    follows,
    freshness,
    problems,
    promises,
    questions,
    release_notes,
)
from catalog.classification import models as classification  # noqa: F401
from catalog.derivation import models as derivation  # noqa: F401
from catalog.glossary import models as glossary  # noqa: F401
from catalog.lineage import models as lineage  # noqa: F401
from catalog.mesh import models as mesh  # noqa: F401
from catalog.mirror import models as mirror  # noqa: F401
from catalog.product_lifecycle import models as product_lifecycle  # noqa: F401
from catalog.products import models as products  # noqa: F401
from catalog.products.offers import models as offers  # noqa: F401
from catalog.publication_rules import models as publication_rules  # noqa: F401
from catalog.quality import models as quality  # noqa: F401
from catalog.registrations import models as registrations  # noqa: F401
from catalog.registrations.comparisons import models as comparisons  # noqa: F401
from catalog.registrations.schema_updates import models as schema_updates  # noqa: F401
from catalog.revisions import models as revisions  # noqa: F401
from catalog.search import models as search  # noqa: F401
from catalog.search.index import models as index  # noqa: F401
from catalog.sync import models as sync  # noqa: F401
from catalog.tag_changes import models as tag_changes  # noqa: F401
from catalog.usage import models as usage  # noqa: F401
