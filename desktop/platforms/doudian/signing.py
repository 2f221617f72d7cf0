"""How a request to Douyin shop is written and signed: sorted at every level, compact, HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

VERSION = "2"
METHOD = "hmac-sha256"


def written(fields: Mapping[str, Any]) -> str:
    """`param_json`: names in order at every level, no spaces, `< > &` and Chinese as they are."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def signature(app_key: str, secret: str, method: str, param_json: str, timestamp: str) -> str:
    """The sign of a request, in lower-case hex. The token and the name of the algorithm are not signed."""
    base = _base(app_key, secret, method, param_json, timestamp)
    return hmac.new(secret.encode(), base.encode(), hashlib.sha256).hexdigest()


def _base(app_key: str, secret: str, method: str, param_json: str, timestamp: str) -> str:
    signed = f"app_key{app_key}method{method}param_json{param_json}timestamp{timestamp}v{VERSION}"
    return f"{secret}{signed}{secret}"
