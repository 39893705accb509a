"""Data products as files: written out, compared with the portal, applied."""
