"""How long a slider of `ca1 explore` takes, as its user sees it: from the key until the page shows it.

    python tests/slider_times.py 12    # moves; on a machine that does nothing else

The browser is a headless Chromium, which draws on the same cores as the simulations.
"""

import sys
from statistics import median

from browser_pages import chromium
from explored_pages import Explored, served

SHOWN = ("EPSPs after", "EPSPs, map and a first f-I curve after", "all after")
_ALL = SHOWN[-1]
_WATCH = """shown => {
  window.moved = {};
  const within = root => [...root.querySelectorAll("*")].flatMap(
    one => [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])]
  );
  const state = within(document).find(one => one.matches("p.busy, p.done")).getRootNode();
  let key_ms = 0;
  document.addEventListener("keydown", event => {
    if (event.key === "Enter") { key_ms = performance.now(); window.moved = {}; }
  }, true);
  new MutationObserver(() => {
    const text = state.querySelector("p")?.textContent ?? "";
    const name = shown.find(one => text.startsWith(one));
    if (name) window.moved[name] ??= (performance.now() - key_ms) / 1e3;
  }).observe(state, {subtree: true, childList: true, characterData: true});
}"""


def times_s(n_moves: int) -> list[dict[str, float]]:
    """Seconds from the key until each text of `SHOWN` stands there, of every move of `nas`."""
    found = []
    with chromium(webgl=False) as browser, served() as server:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        explored = Explored(page, server.address)
        page.get_by_text(_ALL).wait_for()
        page.evaluate(_WATCH, SHOWN)
        for number in range(n_moves):
            explored.type("nas", 0.5 + 0.013 * number)
            page.wait_for_function(f"window.moved['{_ALL}']", polling=500)
            found.append(page.evaluate("window.moved"))
    return found


def main(n_moves: int) -> None:
    """Print median and range of each; a text that was written over before it was drawn is missing."""
    moves = times_s(n_moves)
    for name in SHOWN:
        seen = sorted(move[name] for move in moves if name in move)
        print(f"{name}: {median(seen):.2f} ({seen[0]:.2f} to {seen[-1]:.2f}) s, {len(seen)} moves")


if __name__ == "__main__":
    main(int(sys.argv[1]))
