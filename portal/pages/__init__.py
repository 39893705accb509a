"""Shared by all pages: signed-in person, fragments, pagination, form fields, error responses."""
