"""`manage.py chaos`: workers are killed and AWS fails while requests are worked off; then all is compared. See docs/chaos.md."""
