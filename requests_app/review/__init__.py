"""Deciding on requests: inbox, review, approval, rejection, comments, delegation, SLA."""
