"""The names under which granted tables appear in the consuming account."""
