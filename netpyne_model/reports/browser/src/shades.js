// The spans that are shaded behind a plot over time: the variable of the colour, and the words of the key.
export const SHADES = {
  settling: ["--settling", "settling: no input yet"],
  "lead-in": ["--lead-in", "lead-in: input before the track begins"],
  "place field": ["--field", "place field of the input"],
};

export function shadesKey(holder, run) {
  holder.replaceChildren();
  holder.hidden = true;
  for (const name of new Set((run.track?.spans ?? []).map(([one]) => one))) {
    const key = document.createElement("span");
    key.textContent = SHADES[name][1];
    key.style.setProperty("--key", `var(${SHADES[name][0]})`);
    holder.append(key);
    holder.hidden = false;
  }
}
