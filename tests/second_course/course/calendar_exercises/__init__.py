"""A course of one notebook and two exercises, on a subject without arrays."""
