"""The control endpoint: scripts faults, moves the clock, plays staff and customers, shows what was sent."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desktop.sandbox.faults import BadFault
from desktop.sandbox.stage import Stage
from desktop.sandbox.wecom import actions

Doc = dict[str, Any]


class Control:
    """Routes under /__control; every answer is JSON, a bad request is HTTP 400 with `error`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def routes(self) -> list[Route]:
        """The routes of the endpoint."""
        table: list[tuple[str, str, Callable[[Doc], Doc | Awaitable[Doc]]]] = [
            ("/", "GET", self._state),
            ("/clock", "GET", self._clock),
            ("/clock", "POST", self._move_clock),
            ("/settings", "GET", lambda doc: actions.settings(self._stage.corp, {})),
            ("/settings", "POST", lambda doc: actions.settings(self._stage.corp, doc)),
            ("/faults", "GET", lambda doc: {"faults": self._stage.faults.rules()}),
            ("/faults", "POST", self._add_faults),
            ("/faults", "DELETE", self._remove_faults),
            ("/token", "POST", self._token),
            ("/calls", "GET", self._calls),
            (
                "/writes",
                "GET",
                lambda doc: {"writes": self._stage.journal.writes(str(doc.get("path", "")))},
            ),
            ("/sent", "GET", lambda doc: actions.sent_everything(self._stage.corp)),
            ("/confirm", "POST", lambda doc: actions.confirm_sends(self._stage.corp, doc)),
            ("/world", "GET", lambda doc: actions.look(self._stage.corp, doc)),
            ("/world", "POST", lambda doc: actions.play(self._stage.corp, doc)),
            ("/listen", "POST", self._listen),
            ("/endpoints", "GET", self._endpoints),
            ("/reset", "POST", self._reset),
        ]
        return [Route(path, _endpoint(act), methods=[verb]) for path, verb, act in table]

    def _state(self, doc: Doc) -> Doc:
        return self._stage.describe()

    def _clock(self, doc: Doc) -> Doc:
        clock = self._stage.clock
        return {"now": clock.seconds(), "running": clock.running, "origin": self._stage.corp.origin}

    def _move_clock(self, doc: Doc) -> Doc:
        clock = self._stage.clock
        if "set" in doc:
            clock.set(float(doc["set"]))
        if "advance_s" in doc:
            clock.advance(float(doc["advance_s"]))
        if doc.get("stop"):
            clock.stop()
        if doc.get("start"):
            clock.start()
        return self._clock(doc)

    def _add_faults(self, doc: Doc) -> Doc:
        specs = doc.get("faults", [doc])
        return {"ids": [self._stage.faults.add(spec).number for spec in specs]}

    def _remove_faults(self, doc: Doc) -> Doc:
        self._stage.faults.remove(int(doc["id"]) if "id" in doc else None)
        return {"faults": self._stage.faults.rules()}

    def _token(self, doc: Doc) -> Doc:
        if doc.get("revoke"):
            self._stage.wecom.kill_tokens()
        access = self._stage.wecom.access
        return {"corpid": access.corpid, "secrets": access.secrets}

    def _calls(self, doc: Doc) -> Doc:
        journal = self._stage.journal
        return {
            "calls": journal.calls(str(doc.get("path", "")), int(doc.get("since", 0))),
            "counts": journal.counts(),
        }

    def _endpoints(self, doc: Doc) -> Doc:
        rows = self._stage.wecom.endpoints.values()
        return {"endpoints": [[row.path, row.verb] for row in rows]}

    async def _listen(self, doc: Doc) -> Doc:
        seconds = float(doc.get("refuse_s", 1.0))
        self._stage.pause_listening(seconds)
        return {"refusing_s": seconds}

    def _reset(self, doc: Doc) -> Doc:
        self._stage.reset(doc)
        return self._stage.describe()


def _endpoint(act: Callable[[Doc], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        doc: Doc = dict(request.query_params)
        try:
            if request.method != "GET" and await request.body():
                doc |= await request.json()
            answer = act(doc)
            if hasattr(answer, "__await__"):
                answer = await answer
        except (BadFault, ValueError, KeyError, TypeError, LookupError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)
        return JSONResponse(answer)

    return serve
