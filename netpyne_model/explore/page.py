"""The page of `ca1 explore`: sliders at one side, what they do to the cell at the other."""

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import panel as pn
from pandas import DataFrame

from ..cell.cell import Cell
from ..errors import ModelError
from ..specification.cell_specification import specification_text
from .code import CELL_FILE, python_lines, run_command
from .controls import Controls
from .figures import BEFORE, DC, FIRST, HIGH, LOW, LOW_ON_DARK, NOW, ParameterMap, Rates, Traces
from .firing import EXPERIMENT, FIRST_LOOK, Look, firing_during_steps
from .responses import Response, coarse_first, parameter_table, protocols, respond
from .settings import Settings, changed_cell
from .simulators import Simulators

TITLE = "CA1 cell by sliders"
DRAG_S = 0.02
"""A slider that is dragged asks when it has stood still for so long."""
_WIDE: dict[str, Any] = {"sizing_mode": "stretch_width"}
_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


class Page:
    """One browser's page on a cell; the simulators are everybody's.

    Parameters
    ----------
    cell : Cell
        The cell before any change.
    table : DataFrame
        Its parameters by segment.
    cell_file : path or None
        Its file, for the Python lines.
    """

    def __init__(
        self, cell: Cell, table: DataFrame, cell_file: Path | None, simulators: Simulators
    ):
        self._cell, self._table, self._cell_file = cell, table, cell_file
        self._simulators = simulators
        document = pn.state.curdoc
        assert document is not None
        self._document = document
        self._asked: asyncio.Task | None = None
        self._settings = Settings()
        self._shown: dict[str, Response] = {}
        self._before: dict[str, Response] = {}
        dark = pn.config.theme == "dark"
        if dark:
            self._document.theme = "dark_minimal"
        low = LOW_ON_DARK if dark else LOW
        self._held = Traces(
            "EPSP at the soma, held", {"low": ("low", low), "high": ("high", HIGH)}, from_base=True
        )
        self._dc = Traces("The same events with the DC", {"dc": ("DC", DC)}, from_base=False)
        self._rates = Rates()
        self._map = ParameterMap(cell, table, dark=dark)
        self._parameter = pn.widgets.Select(
            name="Parameter on the cell",
            options=[name for name in table.attrs["units"] if table[name].notna().any()],
            value=next(name for name in table.attrs["units"] if name.endswith(".gbar")),
            width=200,
        )
        self._parameter.param.watch(self._ask, "value")
        self._state = pn.pane.HTML("", **_styled())
        self._numbers = pn.pane.HTML("", **_styled("numbers"))
        self._code = pn.pane.HTML("", **_styled("code"))
        self._code_card = pn.Card(self._code, title="Show the code", collapsed=True, **_WIDE)
        self._code_card.param.watch(self._show_code, "collapsed")
        self.controls = Controls(cell, self._ask)

    def view(self) -> pn.viewable.Viewable:
        """What the browser shows."""
        save = pn.widgets.FileDownload(
            callback=self._yaml, filename=CELL_FILE, label="Save as YAML", button_type="primary"
        )
        head = pn.pane.HTML(f"<h1>{TITLE}</h1><p>{escape(self._cell.name)}</p>", **_styled())
        sliders = pn.Column(head, *self.controls.widgets(), save, **_styled("sliders"))
        held, dc, rates, on_cell = (
            pn.pane.Bokeh(one.figure, **_WIDE)
            for one in (self._held, self._dc, self._rates, self._map)
        )
        shown = [held, dc, pn.Column(rates, self._numbers), pn.Column(self._parameter, on_cell)]
        figures = pn.Column(*shown, **_styled("figures"))
        results = pn.Column(self._state, figures, self._code_card, **_WIDE)
        pn.state.onload(self._ask)
        pn.state.on_session_destroyed(lambda _: self._drop())
        return pn.Column(sliders, results, **_styled("page"))

    def _drop(self) -> None:
        if self._asked is not None:
            self._asked.cancel()

    def _ask(self, *_events: Any) -> None:
        """Work out what the sliders say now; what they said before is dropped."""
        self._drop()
        self._asked = asyncio.get_running_loop().create_task(self._answer())

    def _next(self, show: Callable[..., None], *arguments: Any, **options: Any) -> None:
        """Change the page, when the browser can take it."""
        if self._document.session_context is not None:
            self._document.add_next_tick_callback(partial(show, *arguments, **options))

    async def _answer(self) -> None:
        await asyncio.sleep(DRAG_S)
        start = time.perf_counter()
        try:
            settings = self.controls.settings()
            changed = changed_cell(self._cell, settings)
            runs = protocols(self._cell, settings)
            self._next(self._begin, settings)
            held = [
                self._respond(name, cell, runs[name], before)
                for cell, before in ((changed, False), (self._cell, True))
                for name in ("low", "high")
            ]
            await _all(
                _then(asyncio.gather(*held[:2]), lambda: self._tell(start, "EPSPs")),
                self._show_map(changed),
                self._show_first_rates(changed, settings),
                *held[2:],
            )
            self._tell(start, "EPSPs, map and a first f-I curve")
            await _all(
                self._respond("dc", changed, runs["dc"], False),
                self._show_rates(changed, settings, NOW),
                self._respond("dc", self._cell, runs["dc"], True),
                self._show_rates(self._cell, settings, BEFORE),
            )
            self._tell(start, "all", done=True)
        except ModelError as error:
            self._next(self._say, str(error), "error")

    def _begin(self, settings: Settings) -> None:
        """What needs no simulation: names and lines of code."""
        self._settings = settings
        self._shown, self._before = {}, {}
        for number, held_mV in enumerate(settings.held_mV):
            self._held.name_line(number, f"held at {held_mV:g} mV")
        self._dc.name_line(0, f"DC {settings.dc_nA:g} nA")
        self._show_code()
        self._say("simulating", "busy")

    def _show_code(self, *_events: Any) -> None:
        """The lines of code, while their card is open: a closed one lays out the page anew for it."""
        if self._code_card.collapsed:
            return
        code = escape(python_lines(self._cell_file, self._cell, self._settings))
        command = escape(f"{run_command(self._settings)}  # the saved cell across its place field")
        self._code.object = f'<pre tabindex="0">{code}</pre><pre>{command}</pre>'

    def _say(self, text: str, kind: str) -> None:
        role = "alert" if kind == "error" else "status"
        self._state.object = f'<p role="{role}" class="{kind}">{escape(text)}</p>'

    def _tell(self, start: float, what: str, *, done: bool = False) -> None:
        text = f"{what} after {time.perf_counter() - start:.2f} s"
        self._next(self._say, text, "done" if done else "busy")

    async def _respond(self, name: str, cell: Cell, protocol: Any, before: bool) -> None:
        response = await self._simulators.ask(respond, cell, protocol)
        self._next(self._show_response, name, response, before)

    def _show_response(self, name: str, response: Response, before: bool) -> None:
        figure = self._dc if name == "dc" else self._held
        figure.show(name, response, before=before)
        (self._before if before else self._shown)[name] = response
        self._numbers.object = _numbers(self._shown, self._before, self._settings)

    async def _show_map(self, changed: Cell) -> None:
        table = await self._simulators.ask(parameter_table, changed)
        self._next(self._map.show, self._parameter.value, [self._table, table])

    async def _show_first_rates(self, cell: Cell, settings: Settings) -> None:
        """Every third step of the f-I curve, at a first look; in one process, so as to settle once."""
        currents_nA = coarse_first(settings.currents_nA)[: len(settings.currents_nA) // 3]
        rates_Hz = await self._firing(cell, settings, currents_nA, FIRST_LOOK, n_processes=1)
        self._next(self._rates.show, rates_Hz, FIRST)

    async def _show_rates(self, cell: Cell, settings: Settings, which: str) -> None:
        """The f-I curve as the experiment has it."""
        rates_Hz = await self._firing(
            cell, settings, settings.currents_nA, EXPERIMENT, n_processes=self._simulators.n
        )
        self._next(self._rates.show, rates_Hz, which)

    async def _firing(
        self,
        cell: Cell,
        settings: Settings,
        currents_nA: Sequence[float],
        look: Look,
        n_processes: int,
    ) -> dict[float, float]:
        """Rates (Hz) by current of the step, worked out in so many processes at once."""
        rates_Hz: dict[float, float] = {}

        async def add(some_nA: Sequence[float]) -> None:
            asked = self._simulators.each(firing_during_steps, cell, some_nA, settings.dc_nA, look)
            async for current_nA, firing in asked:
                rates_Hz[current_nA] = firing.rate_Hz

        parts = [currents_nA[first::n_processes] for first in range(n_processes)]
        await asyncio.gather(*map(add, parts))
        return rates_Hz

    def _yaml(self) -> io.StringIO:
        """The cell of the sliders as a file's text."""
        try:
            changed = changed_cell(self._cell, self.controls.settings())
        except ModelError as error:
            self._say(str(error), "error")
            raise
        return io.StringIO(specification_text(changed.specification, CELL_FILE, changes_only=True))


def _styled(*names: str) -> dict[str, Any]:
    """Options of a part of the page that the style sheet knows by these names."""
    return {"css_classes": list(names), "stylesheets": [_STYLE], **_WIDE}


async def _all(*awaitables: Awaitable[Any]) -> None:
    """Wait for all of them; then raise the first error there was."""
    for one in await asyncio.gather(*awaitables, return_exceptions=True):
        if isinstance(one, Exception):
            raise one


async def _then(awaited: Awaitable[Any], follows: Callable[[], None]) -> None:
    await awaited
    follows()


def _numbers(shown: dict[str, Response], before: dict[str, Response], settings: Settings) -> str:
    """The responses as a table: now, and before the change."""
    low_mV, high_mV = settings.held_mV
    names = {
        "low": f"held at {low_mV:g} mV",
        "high": f"held at {high_mV:g} mV",
        "dc": f"DC {settings.dc_nA:g} nA",
    }
    rows = "".join(
        f"<tr data-run='{key}'><th scope='row'>{name}</th>"
        f"{_cells(shown.get(key), before.get(key))}</tr>"
        for key, name in names.items()
    )
    ratios = f"<td></td><td>{_ratio(shown)}</td><td>{_ratio(before)}</td><td></td>"
    columns = ("rests at (mV)", "EPSP (mV)", "before (mV)", "spikes")
    head = "".join(f"<th scope='col'>{column}</th>" for column in columns)
    return (
        f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{rows}"
        f"<tr data-run='ratio'><th scope='row'>amplification</th>{ratios}</tr></tbody></table>"
    )


def _cells(response: Response | None, before: Response | None) -> str:
    was = "…" if before is None else f"{before.epsp_mV:.4f}"
    if response is not None and response.note:
        return f"<td colspan='4'>{escape(response.note)}</td>"
    values = ["…"] * 2 + [was, ""]
    if response is not None:
        base, epsp = f"{response.base_mV:.3f}", f"{response.epsp_mV:.4f}"
        values = [base, epsp, was, f"{response.n_spikes}"]
    return "".join(f"<td>{value}</td>" for value in values)


def _ratio(responses: dict[str, Response]) -> str:
    low, high = responses.get("low"), responses.get("high")
    if low is None or high is None or low.note or high.note or not low.epsp_mV:
        return "\N{HORIZONTAL ELLIPSIS}"
    return f"{high.epsp_mV / low.epsp_mV:.3f}"
