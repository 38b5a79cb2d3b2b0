"""Which spines and inhibitory synapses are driven, by which inputs, with which peak and weight.

model.md 7; source: Grienberger et al. 2017, Hsu et al. 2018.
"""

import numpy as np
import pandas as pd

from ..errors import ModelError, quoted
from ..morphology import REGIONS, Morphology
from .arrangement import arrange
from .seeding import Stream
from .setups import InhibitoryRule, Setup, load_setup

COLUMNS = (
    *("synapse", "group", "section", "x", "kind", "ampa_weight", "gmax_uS"),
    *("region", "path_distance", "peak"),
)


def assign(
    setup: Setup,
    *,
    seed: int,
    morphology: Morphology,
    spines: pd.DataFrame,
    inhibitory: pd.DataFrame,
) -> pd.DataFrame:
    """Draw the driven synapses of a trial; parameters as for `trial.draw_trial`.

    Returns
    -------
    DataFrame
        One row a synapse, excitatory first, columns `COLUMNS`; ``peak`` in ms (time track) or cm
        (circular track), NaN for inhibitory synapses.
    """
    if setup.n_excitatory > len(spines):
        raise ModelError(
            f"n_excitatory {setup.n_excitatory} is more than the {len(spines)} spines of this cell;"
            f" give at most that: n_excitatory={len(spines)}."
        )
    # The set-up's own number is one at most: of a small cell it drives all.
    own = load_setup(setup.name).n_inhibitory
    if setup.n_inhibitory > len(inhibitory) and setup.n_inhibitory != own:
        raise ModelError(
            f"n_inhibitory {setup.n_inhibitory} is more than the {len(inhibitory)} inhibitory"
            f" synapses of this cell; give at most that: n_inhibitory={len(inhibitory)}."
        )
    places = Stream(seed, "assignment")
    driven = spines.iloc[_draw(spines["region"], setup.n_excitatory, places, item=0)]
    exc = _excitatory(setup, driven, Stream(seed, "peaks"))
    exc = arrange(setup, exc, seed=seed, morphology=morphology, spines=spines)

    chosen = _draw(inhibitory["region"], min(setup.n_inhibitory, len(inhibitory)), places, item=1)
    driven = inhibitory.iloc[chosen]
    inh = _common_columns(driven, "inh")
    chance = Stream(seed, "inhibitory_groups").generator().random(len(inhibitory))[chosen]
    inh["group"] = inhibitory_groups(setup, inh, chance, morphology)
    inh["gmax_uS"] = driven["gmax_uS"].to_numpy(dtype=float)
    inh["peak"] = np.nan
    inh["ampa_weight"] = 1.0

    synapses = pd.concat([exc, inh], ignore_index=True)
    synapses["synapse"] = np.arange(len(synapses))
    return synapses[list(COLUMNS)]


def ampa_weight(setup: Setup, peak) -> np.ndarray:
    """AMPA weight of inputs by their peak: `w_max` at the field's centre, 1 far from it.

    Positions in ms or cm. w = 1 + (w_max - 1) (1 + cos(2 pi (t0 - c) / (1.2 W))) / 2 for ``|t0 - c|
    <= 0.6 W``, else 1; on the circular track the raised cosines of the wrapped images add.
    """
    period = setup.weight_bump_field_widths * setup.track.field_width

    def bump(distance):
        raised = (1 + np.cos(2 * np.pi * distance / period)) / 2
        return np.where(np.abs(distance) <= period / 2, raised, 0)

    distance = np.asarray(peak, dtype=float) - setup.field_centre
    return 1 + (setup.w_max - 1) * setup.track.image_sum(bump, distance)


def inhibitory_groups(
    setup: Setup, synapses: pd.DataFrame, chance, morphology: Morphology
) -> list[str]:
    """Groups of inhibitory synapses: the first of the set-up's rules that fits, by its odds.

    Where a rule states odds, the synapse's number of `chance`, of [0, 1), decides.
    """
    groups = []
    columns = (synapses[name].tolist() for name in ("section", "region", "path_distance"))
    numbers = np.asarray(chance).tolist()
    for section, region, distance, number in zip(*columns, numbers, strict=True):
        if region == "apical":
            distance = morphology.stem_distance(section)
        terminal = morphology.is_terminal(section)
        for rule in setup.inhibitory_rules:
            if _fits(rule, region, terminal, distance):
                groups.append(_by_odds(rule.odds, number))
                break
        else:
            raise ModelError(
                f"set-up {quoted(setup.name)}: no inhibitory rule fits a synapse on section"
                f" {section} (region {quoted(region)}); expected one of its inhibitory_rules to name it."
            )
    return groups


def _draw(region: pd.Series, n: int, stream: Stream, *, item: int) -> np.ndarray:
    """Rows drawn without replacement: floor(n * share) of each region, in table order within it."""
    region = region.to_numpy()
    drawn = [np.empty(0, dtype=int)]
    for family, name in enumerate(REGIONS):
        rows = np.flatnonzero(region == name)
        if len(rows):
            shuffled = stream.generator(family, item).permutation(rows)
            drawn.append(np.sort(shuffled[: n * len(rows) // len(region)]))
    return np.concatenate(drawn)


def _excitatory(setup: Setup, driven: pd.DataFrame, peaks: Stream) -> pd.DataFrame:
    """Groups, peaks and weights of the driven spines."""
    exc = _common_columns(driven, "exc")
    exc["group"] = _excitatory_groups(setup, exc["region"])
    exc["gmax_uS"] = driven["gmax_uS"].to_numpy(dtype=float)
    exc["peak"] = _peaks(setup, exc["group"], peaks)
    exc["ampa_weight"] = ampa_weight(setup, exc["peak"].to_numpy())
    return exc


def _common_columns(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    columns = {name: rows[name].to_numpy() for name in ("section", "region", "x", "path_distance")}
    return pd.DataFrame({**columns, "kind": kind})


def _excitatory_groups(setup: Setup, region: pd.Series) -> pd.Series:
    groups = setup.excitatory_groups.items()
    of_region = {name: group for group, rule in groups for name in rule.regions}
    drawn = region.map(of_region)
    if drawn.isna().any():
        stray = region[drawn.isna()].iloc[0]
        raise ModelError(
            f"set-up {quoted(setup.name)}: no excitatory group has region {quoted(stray)};"
            f" spines lie on {[*of_region]}."
        )
    return drawn


def _peaks(setup: Setup, groups: pd.Series, stream: Stream) -> np.ndarray:
    """Positions of the peaks: within each group an even grid over the track's range, shuffled."""
    start, stop = setup.track.peak_range
    peak = np.empty(len(groups))
    for family, name in enumerate(setup.excitatory_groups):
        members = np.flatnonzero(groups.to_numpy() == name)
        grid = start + (stop - start) * np.arange(len(members)) / max(len(members), 1)
        peak[members] = stream.generator(family).permutation(grid)
    return peak


def _fits(rule: InhibitoryRule, region: str, terminal: bool, distance: float) -> bool:
    if region not in rule.regions or (rule.terminal is not None and rule.terminal != terminal):
        return False
    return rule.up_to_um is None or distance <= rule.up_to_um


def _by_odds(odds: dict[str, float], number: float) -> str:
    bounds = np.cumsum(list(odds.values())) / sum(odds.values())
    return list(odds)[int(np.searchsorted(bounds[:-1], number, side="right"))]
