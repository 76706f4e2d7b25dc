"""``python -m tests.claims`` computes the stored grids again."""

from .grids import compute_all

compute_all()
