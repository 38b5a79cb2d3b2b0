"""Files of channels that tests write, most of them copies with a change."""

from pathlib import Path


def written(folder: Path, text: str, name: str = "own.mod") -> Path:
    """Write a file into a folder, byte for byte, and return its path."""
    path = folder / name
    path.write_bytes(text.encode())
    return path


def changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with every change made: what it replaces must stand there once."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
