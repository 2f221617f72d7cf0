"""What widgets say, in the language now chosen, switchable while running."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QObject, QTranslator, Signal

from desktop.wording import LANGUAGES, Wording, language_of


class _Languages(QObject):
    """Holds the language in use. `changed` comes before Qt tells the widgets (LanguageChange)."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.wording = Wording("zh_CN")
        self.translator: QTranslator | None = None


languages = _Languages()


def t(key: str, **params: object) -> str:
    """The text of `key` in the present language. Raises KeyError for a key nobody wrote."""
    return languages.wording.text(key, **params)


def has(key: str) -> bool:
    """Whether `key` has a text."""
    return languages.wording.has(key)


def label(prefix: str, value: object) -> str:
    """The name of an enum value, such as label("tier", "devoted"); the bare value when it has none.

    Values come from platforms too, and a new one must be shown rather than stop a screen.
    """
    key = f"{prefix}.{value}"
    return t(key) if has(key) else str(value)


def language() -> str:
    """The language in use: "zh_CN" or "en"."""
    return languages.wording.language


def system_language() -> str:
    """What the system asks for; Chinese unless it says English."""
    return language_of(QLocale.system().name())


def set_language(name: str) -> None:
    """Switch everything at once: our texts, Qt's own, and every widget is sent LanguageChange."""
    if name not in LANGUAGES:
        raise ValueError(f"no such language: {name}")
    languages.wording = Wording(name)
    QLocale.setDefault(QLocale(name))
    languages.changed.emit()
    app = QCoreApplication.instance()
    if app is None:
        return
    if languages.translator is not None:
        app.removeTranslator(languages.translator)
        languages.translator = None
    if name == "zh_CN":
        translator = QTranslator(app)
        if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            languages.translator = translator
            app.installTranslator(translator)  # sends LanguageChange by itself
            return
    app.sendEvent(app, QEvent(QEvent.Type.LanguageChange))
