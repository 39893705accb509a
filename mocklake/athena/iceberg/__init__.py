"""Iceberg tables by their metadata in S3: snapshots, manifests and data files."""
