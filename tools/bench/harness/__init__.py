"""What every bench runs with: servers, programs, a Python with a peer, signed calls, clocks."""
