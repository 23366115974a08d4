"""Paadas: spoken multiplication tables, hands-free and offline."""

from . import blas  # noqa: F401 (before numpy)
