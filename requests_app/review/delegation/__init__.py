"""A data owner's decisions, delegated to a colleague for a while."""
