"""Metrics for Prometheus: requests of the web processes, and what the database knows of workers and calls to AWS."""
