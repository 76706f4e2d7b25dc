"""Debian's Firefox, over WebDriver BiDi: Playwright drives only a Firefox of its own, which must be fetched."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import websocket

STARTED = "WebDriver BiDi listening on "


class Firefox:
    """A window without a screen."""

    def __init__(self, address: str, timeout: float):
        self._connection = websocket.create_connection(f"{address}/session", timeout=timeout, suppress_origin=True)
        self._numbers, self._timeout = count(1), timeout
        self._call("session.new", capabilities={})
        self._window = self._call("browsingContext.getTree")["contexts"][0]["context"]

    def close(self) -> None:
        self._connection.close()

    def open(self, address: str) -> None:
        self._call("browsingContext.navigate", context=self._window, url=address, wait="interactive")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in JavaScript: a text, a number, a truth value or None."""
        target = {"context": self._window}
        answer = self._call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + self._timeout
        while not self.evaluate(f"Boolean({condition})"):
            assert time.monotonic() < end, f"never true: {condition}"
            time.sleep(0.5)

    def press(self, key: str) -> None:
        keys = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": keys}]
        self._call("input.performActions", context=self._window, actions=actions)

    def _call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self._connection.recv())).get("id") != number:
            pass  # an event
        assert answer["type"] == "success", answer
        return answer["result"]


@contextmanager
def firefox(profile: Path, timeout: float) -> Iterator[Firefox]:
    """Start Firefox with an empty profile, and stop it. The test is skipped where Firefox is not installed."""
    program = shutil.which("firefox-esr") or pytest.skip("needs Firefox: apt-get install firefox-esr")
    command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    environment = os.environ | {"HOME": str(profile)}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr
        try:
            line = next(line for line in process.stderr if STARTED in line)
            with closing(Firefox(line.split(STARTED)[1].strip(), timeout)) as window:
                yield window
        finally:
            process.terminate()
            process.stderr.read()  # it may say more than a pipe holds
