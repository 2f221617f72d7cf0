"""What the program says, per language, for the window and the command line alike. No Qt."""

from desktop.wording.catalogue import LANGUAGES, Wording, language_of

__all__ = ["LANGUAGES", "Wording", "language_of"]
