"""What docker-compose.yml describes, started by podman on this machine."""
