"""The glossary and its terms."""
