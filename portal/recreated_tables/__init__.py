"""Pages and API of tables that were created again."""
