"""What rules take: verdicts of a policy of a common size on many asks, on one core, without any service."""

import argparse
import random
import time
from typing import Any

from demo.bench.board import Board, at_least
from requests_app.policy_engine.facts import Facts
from requests_app.policy_engine.parsing import read_rules
from requests_app.policy_engine.rules import Rule
from requests_app.policy_engine.verdict import judge

HELP = "Rules: verdicts a second on one core, with twenty rules for all domains and ten of the ask's own."
GLOBAL, OWN = 20, 10
ASKS, VERDICTS, QUICK_VERDICTS = 1_000, 100_000, 20_000
TEAMS = [f"team-{n}" for n in range(20)]
CLASSES = ["public", "private", "sensitive"]


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(board: Board, options: dict[str, Any]) -> None:
    """Every ask is judged as often as every other. Counted is the processor's time, not that of others' work on it."""
    picks = random.Random(options["seed"])
    rules = (*made_rules(picks, GLOBAL, ""), *made_rules(picks, OWN, "insurance"))
    asks = [made_facts(picks) for _ in range(ASKS)]
    count = QUICK_VERDICTS if board.quick else VERDICTS
    began = time.process_time()
    for number in range(count):
        judge(rules, asks[number % ASKS])
    taken = time.process_time() - began
    fired = sum(len(judge(rules, one).fired) for one in asks) / ASKS
    board.add("rules that fire on an ask", fired, "rules")
    board.add("verdicts", count / taken, "1/s", must=at_least(10_000))


def made_rules(picks: random.Random, count: int, domain: str) -> tuple[Rule, ...]:
    """Each with three conditions; every fifth of a domain says yes at once."""
    data = []
    for number in range(count):
        when = {
            "classification": picks.sample(CLASSES, 2),
            "team": picks.sample(TEAMS, 5),
            "days": {"least": picks.choice([30, 90, 180])},
        }
        needs = {
            "needs": [{"role": picks.choice(["owner", "privacy", "steward"]), "quorum": picks.randint(1, 2)}]
        }
        then = {"automatic": True} if domain and number % 5 == 0 else needs
        data.append({"name": f"rule-{number}", "when": when, "then": then})
    return read_rules(data, domain=domain)


def made_facts(picks: random.Random) -> Facts:
    words = {
        "classification": picks.sample(CLASSES, picks.randint(1, 3)),
        "domain": ["insurance"],
        "team": [picks.choice(TEAMS)],
        "environment": ["production"],
        "extent": ["columns"],
    }
    shown = {f"column_{n}": picks.choice(CLASSES) for n in range(12)}
    return Facts(
        {name: frozenset(one) for name, one in words.items()}, {"days": picks.randint(1, 365)}, shown
    )
