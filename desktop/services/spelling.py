"""How titles can be typed: the spelling by which fans are found, for lists on the screen."""

from desktop.store.fans.names import spellings

__all__ = ["spellings"]
