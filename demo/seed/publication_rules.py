"""The publication rules of the bank. May run again."""

from catalog.publication_rules.actions import put_publication_rules_in_force, save_publication_rules
from catalog.publication_rules.models import PublicationRules
from catalog.publication_rules.queries import compute_rules_digest
from catalog.publication_rules.rules import Rules
from demo.seed.people import find_person
from kernel import clock

GOVERNOR = "greta.sommer"
RULES = Rules(
    active_owner=True,
    description_words=5,
    required_fields=("support", "freshness_hours", "completeness_percent", "terms", "sql_example"),
    own_tables=True,
)


def seed_publication_rules() -> int:
    """Put them in force once; returns how many versions there are."""
    if not PublicationRules.objects.exists():
        person = find_person(GOVERNOR)
        note = "What consumers need to know before they request a product."
        save_publication_rules(
            acting_user=person, rules=RULES, note=note, based_on=compute_rules_digest(), now=clock.now()
        )
        put_publication_rules_in_force(acting_user=person, shown=compute_rules_digest(), now=clock.now())
    return PublicationRules.objects.count()
