"""Runs of Glue crawlers in producer accounts, and the crawlers that there are."""
