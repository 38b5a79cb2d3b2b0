// What every page does at its start: the button of the theme, and a word where it cannot be shown.
import { isDark } from "./colours.js";

export function themeButton(redraw) {
  const button = document.querySelector("[data-control=theme]");
  const name = () => (button.textContent = isDark() ? "Light" : "Dark");
  name();
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    name();
    redraw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    name();
    redraw();
  });
}

// Run a page's start, which fills in what scripts read as window.ca1report.
export function started(start) {
  const report = { timings: {} };
  window.ca1report = report;
  report.ready = start(report).catch((error) => {
    const text = document.createElement("p");
    text.className = "failed";
    text.textContent = `This page could not be shown whole: ${error.message}`;
    document.querySelector("header").append(text);
    document.documentElement.dataset.state = "failed";
    console.error(error);
  });
}
