"""Serves the page on loopback, to whom has the token that the command prints."""

import errno
import hmac
import logging
import secrets
import signal
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.server.auth_provider import AuthProvider
from panel.io.server import get_server
from tornado.web import RequestHandler

from ..cell.cell import Cell
from ..errors import ModelError
from .page import TITLE, Page
from .simulators import Simulators

ADDRESS = "127.0.0.1"
FIRST_PORT, PORTS_TRIED = 5006, 20

# The browser's wish for light or dark is known to it alone; the address carries it on, without the token.
_ENTER = """<!DOCTYPE html><html lang="en"><title>CA1</title><script>
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
location.replace("./?theme=" + (dark ? "dark" : "default"));
</script></html>"""
_NO_ENTRY = "Open the address that ca1 explore has printed: it has the token of this page.\n"


def serve(cell: Cell, cell_file: Path | None, port: int | None, *, browser: bool) -> None:
    """Serve the page until the process is interrupted.

    Parameters
    ----------
    cell_file : path or None
        The cell's file; None for the published cell.
    port : int or None
        None takes the first free one from `FIRST_PORT` on.
    browser : bool
        Whether to open a browser.

    Raises
    ------
    ModelError
        If the port is taken, or the cell does not hold.
    """
    table = cell.table()
    token = secrets.token_urlsafe(24)
    served = _Served(cell, table, cell_file)
    server = _server_at(served.view, token, port)
    served.simulators = Simulators()
    try:
        server.start()
        address = f"http://{ADDRESS}:{server.port}"
        print(f"Explore: {address}/open?token={token}\nCtrl+C ends it.", flush=True)
        with _opened(f"{address}/open?token={token}") if browser else nullcontext():
            _run(server.io_loop)
    finally:
        served.simulators.stop()
        server.stop()
    print("Ended.")


class _Served:
    """What every browser's page is made of."""

    simulators: Simulators

    def __init__(self, cell: Cell, table: Any, cell_file: Path | None):
        self._parts = cell, table, cell_file

    def view(self) -> Any:
        """A new page."""
        return Page(*self._parts, self.simulators).view()


def _server_at(view: Any, token: str, port: int | None) -> Any:
    tried = range(FIRST_PORT, FIRST_PORT + PORTS_TRIED) if port is None else [port]
    for one in tried:
        try:
            return _server(view, token, one)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            if port is not None:
                why = "is taken" if error.errno == errno.EADDRINUSE else "may not be opened"
                raise ModelError(
                    f"--port {port} {why}; give another one, or leave it out for the first free"
                    f" one from {FIRST_PORT} on."
                ) from None
    raise ModelError(
        f"ports {tried[0]} to {tried[-1]} are all taken; give another one with --port."
    )


def _server(view: Any, token: str, port: int) -> Any:
    pn.extension()
    # What is refused is no news for the terminal, and its address would stand there.
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    handlers = [(r"/open", _Enter, {"token": token, "port": port})]
    return get_server(
        {"/": view},
        port=port,
        address=ADDRESS,
        websocket_origin=[f"{ADDRESS}:{port}", f"localhost:{port}"],
        title=TITLE,
        auth_provider=_Token(token, port),
        extra_patterns=handlers,
        log_level="error",
    )


class _Enter(RequestHandler):
    """Takes the token from the address, and leaves it with the browser as a cookie."""

    def initialize(self, token: str, port: int) -> None:
        self._token, self._port = token, port

    def get(self) -> None:
        """Let who has the token in."""
        if not hmac.compare_digest(self.get_query_argument("token", ""), self._token):
            self.set_status(403)
            self.set_header("Content-Type", "text/plain")
            self.finish(_NO_ENTRY)
            return
        self.set_cookie(_cookie(self._port), self._token, httponly=True, samesite="Strict")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.finish(_ENTER)


class _Token(AuthProvider):
    """Lets in who has the cookie; Bokeh asks it for the page and for its connection."""

    def __init__(self, token: str, port: int):
        self._token, self._name = token, _cookie(port)
        super().__init__()

    @property
    def get_user(self) -> Any:
        """Who asks: anybody with the token, or nobody."""

        def user(handler: RequestHandler) -> str | None:
            given = handler.get_cookie(self._name) or ""
            return "user" if hmac.compare_digest(given, self._token) else None

        return user

    get_user_async = None
    get_login_url = None
    login_handler = None
    logout_url = None
    logout_handler = None

    @property
    def login_url(self) -> str:
        """Where those without it are sent."""
        return "/open"


def _cookie(port: int) -> str:
    """Cookies are those of a host, whatever the port."""
    return f"ca1_explore_{port}"


def _run(loop: Any) -> None:
    """Serve until Ctrl+C or an end that is asked for."""

    def end(*_: Any) -> None:
        loop.add_callback_from_signal(loop.stop)

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, end)
    loop.start()


@contextmanager
def _opened(address: str) -> Iterator[None]:
    """Open a browser by a file that only this user can read: others see the lines of commands."""
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as page:
        page.write(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={address}">')
        page.flush()
        webbrowser.open(Path(page.name).as_uri())
        yield
