"""Runs of Glue crawlers in producer accounts: start, follow, register what they found."""
