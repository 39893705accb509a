"""Query history of Athena: how far it was read, and what queries read, by day."""
