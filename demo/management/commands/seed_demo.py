"""`seed_demo`, called by the demo's start: the portal's side of its data, in four stages."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.seed.accounts import seed_accounts, seed_change_sources, seed_registrations
from demo.seed.derivation import seed_derivation, seed_publication_rules, seed_tag_changes, seed_write_access
from demo.seed.discussion import seed_discussion
from demo.seed.glossary import seed_saved_searches, seed_searches_without_result
from demo.seed.history import seed_history
from demo.seed.lineage import seed_lineage
from demo.seed.local_groups import seed_local_groups
from demo.seed.offers import seed_offers
from demo.seed.people import seed_people, seed_role_changes
from demo.seed.policies import seed_policies, seed_reviews_and_consents
from demo.seed.product_details import seed_deprecations, seed_discovery, seed_publications
from demo.seed.products import MissingTablesError, seed_products
from demo.seed.quality import seed_freshness, seed_quality
from demo.seed.usage import seed_prices, seed_usage

PASSWORD_VARIABLE = "MESHMARKET_DEMO_PASSWORD"  # noqa: S105 - the name of a variable


class Command(BaseCommand):
    help = (
        "Seed the demo: --people before the first sync, --products, --history and then --readings after it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for stage in ("people", "products", "history", "readings"):
            parser.add_argument(f"--{stage}", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["people"]:
            password = os.environ.get(PASSWORD_VARIABLE, "")
            if not password:
                raise CommandError(f"{PASSWORD_VARIABLE} says with which password the demo's people sign in.")
            people, accounts = seed_people(password), seed_accounts()
            self.stdout.write(f"{people} people, {accounts} accounts, {seed_change_sources()} trails")
        try:
            if options["products"]:
                self.stdout.write(f"{seed_products()} data products")
                self.stdout.write(f"{seed_discovery()} data products with discovery settings")
                self.stdout.write(f"{seed_publications()} first publications")
            if options["history"]:
                self.stdout.write(f"{seed_history()} requests of the last ninety days")
                self.stdout.write(f"{seed_local_groups()} local groups")
                self.stdout.write(f"{seed_offers()} offers")
                self.stdout.write(f"{seed_reviews_and_consents()} grants asked about anew")
                self.stdout.write(f"{seed_policies()} policies")
                self.stdout.write(f"{seed_saved_searches()} saved search")
                self.stdout.write(f"{seed_searches_without_result()} texts searched for without result")
                self.stdout.write(f"{seed_role_changes()} role change")
                self.stdout.write(f"{seed_deprecations()} deprecated data product")
                self.stdout.write(f"{seed_publication_rules()} version of the publication rules")
                self.stdout.write(f"{seed_registrations()} registrations of tables")
                self.stdout.write(f"{seed_write_access()} write request")
                self.stdout.write(f"{seed_tag_changes()} tag changes")
                counts = "{} problems, {} questions, {} follows, {} release note"
                self.stdout.write(counts.format(*seed_discussion()))
                self.stdout.write(f"{seed_lineage()} jobs with lineage")
                self.stdout.write(f"{seed_derivation()} derivation requests")
                self.stdout.write(f"{seed_prices()} prices of scans")
                self.stdout.write(f"{seed_quality()} quality results of dbt and Soda")
            if options["readings"]:
                self.stdout.write(f"{seed_usage()} queries of the last ninety days")
                self.stdout.write(f"{seed_freshness()} data products with ninety days of freshness")
        except MissingTablesError as error:
            raise CommandError(f"Sync the catalogs first: {error}") from error
