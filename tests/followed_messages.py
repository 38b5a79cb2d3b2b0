"""Which test follows each message of the package: `data/followed_messages.csv`, read and written.

    python tests/followed_messages.py                        # the count, and what nobody follows
    python tests/followed_messages.py --run tests/test_x.py  # runs it, and enters what it follows

A row names the file of the package, the message as its source has it (cut short), and the test that
follows it, or the reason why no test can.
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from message_sites import Site, sites

TESTS = Path(__file__).resolve().parent
TABLE = TESTS / "data" / "followed_messages.csv"
HOW = (
    "let a test do what it says and then use the same door, and run"
    " `python tests/followed_messages.py --run THAT_TEST_FILE`"
    " (or enter it in tests/data/followed_messages.csv with a reason why no test can)"
)
NOT_YET = "not yet"
"""The reason of what a test could follow, and none is known to."""
COLUMNS = ("file", "message", "followed_by", "reason")
Key = tuple[str, str]


def by_key() -> dict[Key, list[Site]]:
    """The sites of each row; two of one file that say the same are one."""
    found: dict[Key, list[Site]] = {}
    for site in sites():
        found.setdefault(site.key, []).append(site)
    return found


def read() -> dict[Key, dict[str, str]]:
    """The rows of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["file"], row["message"]): row for row in csv.DictReader(file)}


def write(rows: dict[Key, dict[str, str]]) -> None:
    """The table, sorted, of the rows whose message the package still has."""
    known = by_key()
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows[one] for one in sorted(rows) if one in known)


def entered(rows: dict[Key, dict[str, str]], records: Iterable[dict]) -> dict[Key, dict[str, str]]:
    """The rows, with the test of each message that the records (see `recorded_messages`) followed."""
    rows = {one: dict(row) for one, row in rows.items()}
    for record in records:
        if not record["followed"]:
            continue
        test = record["test"].split("[")[0].removeprefix("tests/")
        file, message = record["key"]
        row = rows.setdefault(
            (file, message), dict(zip(COLUMNS, (file, message, "", ""), strict=True))
        )
        if not row["followed_by"]:
            row.update(followed_by=test, reason="")
    return rows


def run(tests: list[str]) -> int:
    """Run tests and enter what they follow; the exit code of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "messages"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "recorded_messages"]
        done = subprocess.run([*command, "--messages", str(file), *tests], cwd=TESTS.parent)
        if file.exists():
            enter(file)
    return done.returncode


def enter(file: Path) -> None:
    """Enter what the records of a run followed."""
    lines = file.read_text(encoding="utf-8").splitlines()
    write(entered(read(), map(json.loads, lines)))


def unfollowed() -> list[Site]:
    """One site of each message that no test follows and that has no reason."""
    rows = read()
    have = {one for one, row in rows.items() if row["followed_by"] or row["reason"]}
    return [ways[0] for one, ways in by_key().items() if one not in have]


def main() -> None:
    """Count, and list what nobody follows."""
    rows, known = read(), by_key()
    reasons = [row["reason"] for row in rows.values() if row["reason"]]
    not_yet = reasons.count(NOT_YET)
    followed = sum(bool(row["followed_by"]) for row in rows.values())
    for site in unfollowed():
        print(f"{site.file}:{site.first_line}: {site.written}")
    print(
        f"{len(sites())} sites, {len(known)} messages: {followed} followed by a test,"
        f" {len(reasons) - not_yet} that no test can follow, {not_yet} not yet,"
        f" {len(unfollowed())} without a row"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        sys.exit(run(sys.argv[2:]))
    if sys.argv[1:2] == ["--enter"]:
        enter(Path(sys.argv[2]))
    main()
