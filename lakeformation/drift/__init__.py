"""What somebody changed behind the portal."""
