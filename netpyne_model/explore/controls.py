"""The sliders of the page, from the cell's channels and the table of drugs."""

from collections.abc import Callable
from html import escape
from itertools import takewhile
from typing import Any

import panel as pn

from ..biophysics import ChannelRules
from ..cell.cell import Cell
from ..neuroml2.annotations import annotations
from ..specification.drugs import drugs
from .settings import Settings, dosed_drugs

_DC_NA, _LARGEST_FACTOR, _MOST_SPINES, _HELD_MV = (-0.2, 0.4), 2.0, 30, (-75.0, -50.0)
_UNSEEN_LABEL = (
    "label { position: absolute; width: 1px; height: 1px; overflow: hidden;"
    " clip-path: inset(50%); white-space: nowrap; }"
)


class Controls:
    """Sliders, each with a field in which a number beyond its ends may be typed.

    Parameters
    ----------
    changed : callable
        Called with the event when one has moved.
    """

    def __init__(self, cell: Cell, changed: Callable[..., None]):
        start = Settings()
        channels = cell.specification.biophysics.channels
        self._factors = {
            name: _slider(name, name, 1.0, (0.0, _LARGEST_FACTOR), 0.05)
            for name, rules in channels.items()
            if rules.taken_from is None
        }
        self._full_names = {name: channel_name(channels[name]) for name in self._factors}
        for name, full in self._full_names.items():
            _name_field(self._factors[name], f"{full} ({name}), factor" if full else name)
        self._left = {
            name: _slider(name, f"{name}: share left", 1.0, (0.0, 1.0), 0.05)
            for name in dosed_drugs()
        }
        self._dc = _slider("dc", "DC into the soma (nA)", start.dc_nA, _DC_NA, 0.01)
        self._spines: Any = pn.widgets.EditableIntSlider(
            name="Spines driven",
            start=1,
            end=_MOST_SPINES,
            value=start.n_spines,
            **_named("spines"),
        )
        _name_field(self._spines, self._spines.name)
        self._held = [
            _slider(f"held-{which}", f"EPSP {which}, held at (mV)", held_mV, _HELD_MV, 0.5)
            for which, held_mV in zip(("1", "2"), start.held_mV, strict=True)
        ]
        self._all = [*self._factors.values(), *self._left.values()]
        self._all += [self._dc, self._spines, *self._held]
        self._start = [one.value for one in self._all]
        for one in self._all:
            one.param.watch(changed, "value")

    def settings(self) -> Settings:
        """What the sliders say.

        Raises ModelError if a number that was typed does not hold.
        """
        low, high = self._held
        return Settings(
            factors={name: one.value for name, one in self._factors.items()},
            left={name: one.value for name, one in self._left.items()},
            dc_nA=self._dc.value,
            n_spines=self._spines.value,
            held_mV=(low.value, high.value),
        )

    def reset(self, *_events: Any) -> None:
        """Bring every slider back to where it was at first."""
        for one, value in zip(self._all, self._start, strict=True):
            one.value = value

    def widgets(self) -> list[Any]:
        """The sliders in their groups."""
        reset = pn.widgets.Button(name="Back to the start", on_click=self.reset)
        names = ", ".join(f"{name}: {drugs()[name].description}" for name in self._left)
        about = pn.widgets.TooltipIcon(value=names)
        stimulation = _group("Current and spines", [self._dc, self._spines, *self._held])
        parts: list[Any] = []
        for name, slider in self._factors.items():
            full = self._full_names[name]
            parts += [pn.pane.HTML(escape(full), margin=(6, 10, -6, 10))] if full else []
            parts.append(slider)
        channels = _group("Channels: factor on the density", parts)
        drug = _group("Drugs", [*self._left.values(), about], collapsed=True)
        return [channels, stimulation, drug, reset]


def channel_name(rules: ChannelRules) -> str:
    """A channel as docs/channels.md calls it: ``Sodium channel of the soma / dendrites``.

    Empty for a channel of a user's own, of which the name alone is known.
    """
    components = dict.fromkeys(one.channel for one in rules.components)
    titles = [annotations()[one]["title"].split() for one in components]
    if len(titles) < 2:
        return " ".join(*titles) if titles else ""
    together = zip(*titles, strict=False)
    shared = [words[0] for words in takewhile(lambda words: len(set(words)) == 1, together)]
    return " ".join([*shared, " / ".join(" ".join(title[len(shared) :]) for title in titles)])


_WIDE: dict[str, Any] = {"sizing_mode": "stretch_width"}


def _named(name: str) -> dict[str, Any]:
    return {"css_classes": [f"of-{name}"], **_WIDE}


def _slider(name: str, label: str, value: float, ends: tuple[float, float], step: float) -> Any:
    slider = pn.widgets.EditableFloatSlider(
        name=label,
        value=value,
        start=ends[0],
        end=ends[1],
        step=step,
        format="0[.]0[00]",
        **_named(name),
    )
    _name_field(slider, label)
    return slider


def _name_field(slider: Any, name: str) -> None:
    """Give the field beside a slider its name, which who does not see the page hears."""
    field = slider._value_edit
    field.param.update(name=name, stylesheets=[*field.stylesheets, _UNSEEN_LABEL])


def _group(title: str, widgets: list[Any], *, collapsed: bool = False) -> Any:
    return pn.Card(*widgets, title=title, collapsed=collapsed, **_WIDE)
