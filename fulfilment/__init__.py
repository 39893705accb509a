"""Intents and what was observed in AWS. Decisions write the wanted half of an intent, the engine the observed half."""
