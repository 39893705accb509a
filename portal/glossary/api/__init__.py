"""The glossary in the API."""
