"""What can be requested, and for whom: its checks, and its access in the terms of Lake Formation."""
