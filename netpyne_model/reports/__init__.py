"""Pages for the browser: a run, two side by side, a sweep; one file, no server, no network."""

from .making import COMPARISON_FILE, FILE, write_page, write_run_report

__all__ = ["COMPARISON_FILE", "FILE", "write_page", "write_run_report"]
