"""Damages valid files at random, and sees that a reader takes what it gets or refuses it in one line."""

import random
import re
import resource
import warnings
from collections.abc import Callable, Sequence

from reading_times import soon

from netpyne_model.errors import LONGEST_MESSAGE, ModelError

LONGEST_WORD = 100  # of a message: a file's path; a value has at most 80 characters
MOST_MB = 500  # that one input adds to the peak of the process's memory
MOST_BYTES = 300_000
_NUMBER = re.compile(rb"-?\d+\.?\d*(?:[eE][-+]?\d+)?")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
_NUMBERS = (
    "nan inf -inf 1e400 -1e400 1e-400 -0 0 -1 0.5 1e9 1e30 123456789012345678901234567890 0x10 0x 1_0"
    " 1,5 '' null true -1e-9 65536 2147483648 9223372036854775808 \u0661\u0662"
)
NUMBERS = [*_NUMBERS.encode().split(), b"9" * 5000, b""]
SIGNS = [
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\t",
    b"\x1b[2J\x07",
    "\u202e\u2028\u200b\u00b5\u00e9\U0001f9e0".encode(),
    b"\xed\xa0\x80",
    b"'",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"(",
    b")",
    b":",
    b",",
    b"#",
    b"&a *a",
    b"!!timestamp ",
    b"!!python/name:os.system ",
    b"<<: ",
    b"- ",
    b"---\n",
    b"%",
    b"../../../etc/passwd",
    b"/dev/zero",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&lt;&#0;",
    b"COMMENT\n",
    b"VERBATIM\n",
    b"ENDCOMMENT\n",
    b"NEURON {",
]
LONG = [
    b" ",
    b"x",
    b"9",
    b"[",
    b"{",
    b"(",
    b"- ",
    b"{a: ",
    b'"',
    b"=",
    b"\n",
    b"a b ",
    b"<a>",
    b"COMMENT ",
]


def damaged(content: bytes, draw: random.Random) -> bytes:
    """A file with one to four damages of any kind."""
    most_bytes = max(MOST_BYTES, len(content) + 1000)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        content = draw.choice(_DAMAGES)(content, draw)[:most_bytes]
    return content


def overwritten(content: bytes, draw: random.Random) -> bytes:
    """A file of the same length with a few bytes, numbers or places exchanged: for binary files.

    These refuse nearly all in which something has moved, and would be tried on little else.
    """
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8, 40))):
        place = draw.randrange(len(content))
        size = draw.choice((1, 1, 2, 4, 8, 64))
        other = draw.randrange(len(content))
        with_ = draw.choice(
            (
                draw.randbytes(size),
                b"\0" * size,
                b"\xff" * size,
                (2 ** (8 * size - 1)).to_bytes(size, draw.choice(("little", "big"))),
                draw.choice((1, 2, 255)).to_bytes(size, draw.choice(("little", "big"))),
                content[other : other + size],
            )
        )
        changed[place : place + size] = with_
    return bytes(changed[: len(content)])


def _flipped(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content or b"\0")
    for _ in range(draw.choice((1, 1, 10))):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _without_part(content: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(content) + 1)
    return content[:start] + content[start + draw.choice((1, 5, 100, 5000)) :]


def _with_sign(content: bytes, draw: random.Random) -> bytes:
    return _inserted(content, draw.choice(SIGNS), draw)


def _with_run(content: bytes, draw: random.Random) -> bytes:
    return _inserted(content, draw.choice(LONG) * draw.choice((60, 1000, 30_000)), draw)


def _inserted(content: bytes, part: bytes, draw: random.Random) -> bytes:
    place = draw.choice((0, len(content), *(draw.randrange(len(content) + 1) for _ in range(6))))
    return content[:place] + part + content[place:]


def _other_number(content: bytes, draw: random.Random) -> bytes:
    return _exchanged(content, _NUMBER, NUMBERS, draw)


def _other_word(content: bytes, draw: random.Random) -> bytes:
    words = [match[0] for match in _WORD.finditer(content)]
    return _exchanged(content, _WORD, [*words, b"x" * 5000, "\u00e9t\u00e9".encode()], draw)


def _exchanged(
    content: bytes, which: re.Pattern, by: Sequence[bytes], draw: random.Random
) -> bytes:
    places = [match.span() for match in which.finditer(content)]
    if not places:
        return content
    start, end = draw.choice(places)
    return content[:start] + draw.choice(by) + content[end:]


def _lines(content: bytes, draw: random.Random) -> bytes:
    """A line twice, away, or in the place of another."""
    lines = content.splitlines(keepends=True) or [b""]
    one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    kind = draw.randrange(4)
    if kind == 0:
        lines.insert(other, lines[one])
    elif kind == 1:
        del lines[one]
    elif kind == 2:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines[one:one] = [lines[one]] * 3000
    return b"".join(lines)


_DAMAGES = (
    _flipped,
    _cut,
    _without_part,
    _with_sign,
    _with_run,
    _other_number,
    _other_number,
    _other_word,
    _lines,
)


def takes_or_refuses(read: Callable[[], object]) -> bool:
    """Whether a reader takes an input; if not, it has to say why in one line, soon, in little memory.

    A warning of Python's is an error: on a terminal it is lines of which no user knows what to do.
    """
    refused: list[str] = []

    def reading():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                read()
            except ModelError as error:
                refused.append(str(error))

    before_MB = peak_MB()
    soon(reading)
    assert peak_MB() - before_MB < MOST_MB
    for line in refused:
        assert 10 < len(line) <= LONGEST_MESSAGE
        assert line.isprintable()
        assert max(map(len, line.split())) <= LONGEST_WORD
    return not refused


def peak_MB() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


# Of a study's folder: what is read, its file, what a damaged one holds (None: it is gone), and what is said.
DAMAGED_STUDY = [
    ("profiles", "profiles.nc", "x", "cannot be read"),
    ("table", "trials.csv", "trial,condition\n", "has no column 'seed'"),
    ("conditions", "conditions.csv", "condition,measure,mean\na,b,c\n", "'mean' holds no numbers"),
    ("spikes", "spikes.csv", "," * 1000, "has more than 1000 columns"),
    ("runs", "runs.csv", None, "does not exist; give the folder of a study that was run."),
    ("runs", "runs.csv", "trial,wall_s\n1,2,3\n", "cannot be read"),
]
