"""Policies are drafted, replayed on past requests, put in force and retired."""
