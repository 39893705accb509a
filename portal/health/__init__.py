"""System health: the page for people and /healthz for machines."""
