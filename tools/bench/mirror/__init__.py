"""What reading a catalog into the mirror takes, beside a bare listing."""
