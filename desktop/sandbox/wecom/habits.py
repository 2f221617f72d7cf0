"""How staff deal with what waits for their confirmation: soon, late or never, by the seed."""

from desktop.sandbox.chance import long_word
from desktop.sandbox.wecom.corp import Corp

_WHOLE = 1 << 32


def habit(corp: Corp, key: str) -> float | None:
    """Seconds from the call until this person confirms this thing; None means never."""
    settings = corp.settings
    bits = corp.chance.roll_text(b"habit", key)
    share, spread = long_word(bits, 0) / _WHOLE, long_word(bits, 4) / _WHOLE
    if share < settings.soon_share:
        return 60.0 + spread * max(0.0, settings.soon_s - 60.0)
    if share < settings.soon_share + settings.late_share:
        return settings.soon_s + spread * settings.late_s
    return None
