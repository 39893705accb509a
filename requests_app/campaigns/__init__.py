"""Recertification: are the grants of some scope still needed? What nobody keeps by the due time ends."""
