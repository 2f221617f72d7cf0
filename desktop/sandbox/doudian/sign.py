"""The shop's signature: over the exact bytes of the parameters, HMAC-SHA256 or the older MD5."""

import hashlib
import hmac


def sign(secret: str, app_key: str, method: str, param_json: bytes, timestamp: str, how: str) -> str:
    """Lower hex; `access_token` and `sign_method` are not part of it."""
    middle = (
        f"app_key{app_key}method{method}param_json".encode()
        + param_json
        + f"timestamp{timestamp}v2".encode()
    )
    whole = secret.encode() + middle + secret.encode()
    if how == "md5":
        return hashlib.md5(whole, usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), whole, hashlib.sha256).hexdigest()


def push_sign(app_key: str, secret: str, body: bytes) -> str:
    """The header `event-sign` of a push."""
    return hashlib.md5(app_key.encode() + body + secret.encode(), usedforsecurity=False).hexdigest()
