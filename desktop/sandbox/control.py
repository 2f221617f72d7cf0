"""The control endpoint: scripts faults, moves the clock, shows the calls, and hands on to the platforms."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desktop.sandbox.calls import Act, Doc
from desktop.sandbox.faults import KINDS, BadFault
from desktop.sandbox.stage import Stage


class Control:
    """Routes under /__control; every answer is JSON, a bad request is HTTP 400 with `error`.

    What a platform offers is found at /__control/<platform>/…, the first platform's also without its name.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def routes(self) -> list[Route]:
        """The routes of the endpoint."""
        return [Route(path, _endpoint(act), methods=[verb]) for (verb, path), act in self._table().items()]

    def _table(self) -> dict[tuple[str, str], Act]:
        journal, faults = self._stage.journal, self._stage.faults
        table: dict[tuple[str, str], Act] = {
            ("GET", "/"): lambda doc: self._stage.describe(),
            ("GET", "/help"): self._help,
            ("GET", "/clock"): self._clock,
            ("POST", "/clock"): self._move_clock,
            ("GET", "/faults"): lambda doc: {"faults": faults.rules()},
            ("POST", "/faults"): self._add_faults,
            ("DELETE", "/faults"): self._remove_faults,
            ("GET", "/calls"): self._calls,
            ("GET", "/writes"): lambda doc: {"writes": journal.writes(str(doc.get("path", "")))},
            ("POST", "/listen"): self._listen,
            ("POST", "/reset"): self._reset,
        }
        first, *_ = self._stage.platforms
        table |= first.controls()
        for platform in self._stage.platforms:
            table |= {
                (verb, f"/{platform.name}{path}"): act for (verb, path), act in platform.controls().items()
            }
        return table

    def _help(self, doc: Doc) -> Doc:
        return {"routes": [f"{verb} {path}" for verb, path in self._table()], "faults": sorted(KINDS)}

    def _clock(self, doc: Doc) -> Doc:
        clock = self._stage.clock
        return {"now": clock.seconds(), "running": clock.running, "origin": self._stage.size.origin}

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

    def _calls(self, doc: Doc) -> Doc:
        journal = self._stage.journal
        return {
            "calls": journal.calls(str(doc.get("path", "")), int(doc.get("since", 0))),
            "counts": journal.counts(),
        }

    def _listen(self, doc: Doc) -> Doc:
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
        except (BadFault, ValueError, KeyError, TypeError, LookupError, AttributeError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)
        return JSONResponse(answer)

    return serve
