"""`manage.py chaos`: real workers killed and a pretend AWS made worse, while requests are asked, approved and ended.

What must be true is computed apart from the engine, in `demo.chaos.truth`. See docs/chaos.md.
"""
