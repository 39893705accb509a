"""Policies as pure functions: facts, rules, demands, verdict, quorum, parsing."""
