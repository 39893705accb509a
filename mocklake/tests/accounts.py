"""The accounts of mesh.yaml."""

from pathlib import Path

CENTRAL, PRODUCER, CONSUMER, PARTNER = "111111111111", "210000000002", "310000000001", "610000000001"
MESH = Path(__file__).parent / "mesh.yaml"
