"""Policies are drafted, replayed on past requests, published and retired."""
