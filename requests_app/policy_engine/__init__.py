"""Policies as pure functions: facts, rules, required information, verdict, quorum, parsing."""
