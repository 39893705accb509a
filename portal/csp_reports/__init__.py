"""Reports of browsers on the content security policy."""
