"""Pages and API of the glossary."""
