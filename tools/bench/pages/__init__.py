"""What pages take on a server, beside the smallest page of Django."""
