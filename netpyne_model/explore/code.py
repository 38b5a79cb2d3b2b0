"""The Python lines that make the sliders' cell and run what the page shows of it."""

from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any

from ..cell.cell import Cell
from ..protocols import Protocol
from .responses import protocols
from .settings import STEPS, Settings

CELL_FILE = "cell.yaml"


def python_lines(cell_file: Path | None, cell: Cell, settings: Settings) -> str:
    """A script that gives what the page shows.

    Parameters
    ----------
    cell_file : path or None
        The file of the cell that the sliders change; None for the published one.
    cell : Cell
        That cell.
    """
    of = "" if cell_file is None else repr(cell_file.as_posix())
    lines = ["import netpyne_model as ca1", "", f"cell = ca1.Cell({of})"]
    for channel, factor in settings.changed_factors.items():
        lines.append(f'cell = cell.with_rule("all", "{channel}.gbar", factor={factor!r})')
    if settings.given_drugs:
        names = ", ".join(f'"{name}"' for name in settings.given_drugs)
        lines.append(f"cell = cell.with_drugs({names})")
    lines.append(f'cell.save("{CELL_FILE}", changes_only=True)  # {run_command(settings)}')
    lines += _epsps(cell, settings) + _rates(settings)
    return "\n".join(lines) + "\n"


def run_command(settings: Settings) -> str:
    """The command that runs the saved cell across its place field, with the DC."""
    return f"ca1 run --cell {CELL_FILE} --dc {settings.dc_nA:g}"


def _epsps(cell: Cell, settings: Settings) -> list[str]:
    low_mV, high_mV = settings.held_mV
    names = {
        "low": f"held at {low_mV:g} mV",
        "high": f"held at {high_mV:g} mV",
        "dc": f"DC {settings.dc_nA:g} nA",
    }
    lines = ["", "protocols = {"]
    for key, protocol in protocols(cell, settings).items():
        lines.append(f'    "{names[key]}": {_code(protocol, 4)},')
    return [
        *lines,
        "}",
        "runs = {name: protocol.run(cell) for name, protocol in protocols.items()}",
        'ca1.plot(runs, t_from_ms=240, file="epsp.png")',
    ]


def _rates(settings: Settings) -> list[str]:
    options = "".join(f", {name}={value!r}" for name, value in STEPS.items())
    return [
        "",
        "from netpyne_model.experiments.intrinsic_features import firing_condition",
        "rates_Hz = {",
        f"    nA: firing_condition(cell, nA, dc_nA={settings.dc_nA!r}{options})"
        '.outcome().row["rate_Hz"]',
        f"    for nA in {settings.currents_nA!r}",
        "}",
    ]


def _code(value: Any, indent: int) -> str:
    """What a value is made by: of a declaration, the fields that differ from their default."""
    if isinstance(value, tuple) and any(is_dataclass(one) for one in value):
        return f"[{', '.join(_code(one, indent) for one in value)}]"
    if not is_dataclass(value):
        return repr(value)
    given = [(one.name, getattr(value, one.name)) for one in fields(value) if _given(one, value)]
    deeper = indent + 4 if isinstance(value, Protocol) else indent
    arguments = [f"{name}={_code(argument, deeper)}" for name, argument in given]
    start = f"ca1.{type(value).__name__}("
    if not isinstance(value, Protocol):
        return f"{start}{', '.join(arguments)})"
    inside = "".join(f"\n{' ' * deeper}{argument}," for argument in arguments)
    return f"{start}{inside}\n{' ' * indent})"


def _given(one: Field, of: Any) -> bool:
    default = one.default if one.default_factory is MISSING else one.default_factory()
    return bool(getattr(of, one.name) != default)
