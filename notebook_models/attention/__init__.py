"""Attention: one formula, and the layers that put it to use."""
