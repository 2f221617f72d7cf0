"""The forms an answer comes in: where results stand, and where an error code is found."""

from enum import Enum
from typing import Any

from desktop.sandbox.douyin.errors import OLDER
from desktop.sandbox.douyin.settings import Settings

Doc = dict[str, Any]


class Form(Enum):
    """Which envelope an endpoint uses."""

    A = "results in data, with extra"
    TOP = "results beside data, with extra"
    PLAIN = "results in data, without extra"
    B = "results in data, with message"
    C = "err_no, err_msg, log_id, data"
    C_TOP = "err_no, err_msg, log_id, results beside them"
    C2 = "err_no outside, data and extra inside data"
    D = "error_code, message, data"


class Envelope:
    """Packs results and refusals; knows the switches and the present time."""

    def __init__(self, settings: Settings, now: float, log_id: str) -> None:
        self._settings = settings
        self._now = now
        self.log_id = log_id

    def good(self, form: Form, fields: Doc) -> Doc:
        """The answer of a call that was carried out."""
        return self._typed(self._packed(form, fields, 0, ""))

    def bad(self, form: Form, code: int, text: str) -> Doc:
        """The answer of a refused call: the same form, the results left out."""
        if self._settings.old_codes:
            code = OLDER.get(code, code)
        return self._typed(self._packed(form, {}, code, text))

    def _packed(self, form: Form, fields: Doc, code: int, text: str) -> Doc:
        if form is Form.B:
            return {"data": {**fields, **_said(code, text)}, "message": "error" if code else "success"}
        if form is Form.PLAIN:
            return {"data": {**fields, **_said(code, text)}}
        if form is Form.D:
            return {"error_code": code, "message": text or "success", "data": fields.get("data", fields)}
        if form in (Form.A, Form.TOP):
            inner, extra = self._halves(code, text)
            data = {**fields, **inner} if form is Form.A else inner
            top = fields if form is Form.TOP else {}
            return {**top, "data": data, **({} if self._settings.extra_missing else {"extra": extra})}
        if form is Form.C2:
            _, extra = self._halves(code, text, always=True)
            return {**self._outer(0, ""), "data": {"data": fields, "extra": extra}}
        outer = self._outer(code, text)
        if form is Form.C_TOP:
            return {**outer, **fields}
        return {**outer, "data": fields} if fields else outer

    def _outer(self, code: int, text: str) -> Doc:
        return {"err_no": code, "err_msg": text, "log_id": self.log_id}

    def _halves(self, code: int, text: str, always: bool = False) -> tuple[Doc, Doc]:
        """`data` and `extra`; error samples of the documentation leave the code out of `extra`."""
        place = "both" if always or self._settings.extra_missing else self._settings.error_place
        now = int(self._now) if self._settings.now_in_seconds else int(self._now * 1000)
        extra: Doc = {"logid": self.log_id, "now": now}
        in_data = not code or place in ("data", "both") or self._settings.extra_missing
        if not code or place in ("extra", "both"):
            extra |= {**_said(code, text), "sub_error_code": 0, "sub_description": ""}
        elif place == "sub":
            extra |= {**_said(0, ""), "sub_error_code": code, "sub_description": text}
        return _said(code, text) if in_data else _said(0, ""), extra

    def _typed(self, doc: Doc) -> Doc:
        return _texts(doc) if self._settings.numbers_as_text else doc


def _said(code: int, text: str) -> Doc:
    return {"error_code": code, "description": text}


def _texts(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _texts(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_texts(row) for row in node]
    return str(node) if isinstance(node, int) and not isinstance(node, bool) else node
