"""Publication rules, as governance admins make them."""

from catalog.publication_rules.actions import (
    allow_rule_exception,
    put_publication_rules_in_force,
    save_publication_rules,
)
from catalog.publication_rules.models import PublicationRules
from catalog.publication_rules.queries import compute_rules_digest
from catalog.publication_rules.rules import Rules
from identity.people.models import Person
from kernel import clock
from tests.bank import Bank

WORDS = Rules(description_words=3)


def save(person: Person, rules: Rules = WORDS, based_on: str | None = None) -> PublicationRules:
    shown = compute_rules_digest() if based_on is None else based_on
    return save_publication_rules(
        acting_user=person, rules=rules, note="To start.", based_on=shown, now=clock.now()
    )


def put_in_force(person: Person, rules: Rules = WORDS) -> PublicationRules:
    save(person, rules)
    return put_publication_rules_in_force(acting_user=person, shown=compute_rules_digest(), now=clock.now())


def make_sample_rule_exception(bank: Bank) -> dict[str, str]:
    """Two rules in force, a draft of others, and an exception; returns the arguments of the exception's address."""
    put_in_force(bank.greta, Rules(description_words=3, own_tables=True))
    save(bank.greta, Rules(description_words=5))
    arguments = {"slug": bank.product.slug, "key": "description_words"}
    allow_rule_exception(acting_user=bank.greta, **arguments, reason="Rewritten soon.", now=clock.now())
    return arguments
