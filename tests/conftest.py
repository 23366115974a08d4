"""What all tests share: the same examples at every run, and no deadlines, since machines are slow at times."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
