"""Wikitorch's compiler: a vault of linked notes and the models they talk about become a study site."""

__version__ = "0.1.0"
