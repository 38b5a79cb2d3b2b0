"""The rule of verdicts: whether a number with its band bears out what is claimed of it."""

AGREES, DOES_NOT, CANNOT_BE_TOLD = VERDICTS = ("agrees", "does not", "cannot be told")
LARGER, SMALLER, NONE = CLAIMS = ("larger", "smaller", "none")
"""What can be claimed of a number: to be larger or smaller than another, or not to matter."""
LARGEST_P = 0.05
"""A probability of chance that is below this one counts as small."""


def verdict_on(
    lower: float,
    upper: float,
    claim: str,
    *,
    than: float = 0.0,
    within: float = 0.0,
    p: float = 0.0,
) -> str:
    """``agrees``, ``does not`` or ``cannot be told``.

    That a number is larger, or smaller, than another can be told where its band leaves out that other
    one and chance seldom does as much. That it does not matter agrees where the whole band lies
    within what does not matter, and does not where the whole band lies beyond.

    Parameters
    ----------
    lower, upper : float
        The band of the number; NaN where it has none, which cannot be told.
    claim : str
        One of `CLAIMS`.
    than : float
        What it is claimed to be larger or smaller than.
    within : float
        Of the claim ``none``: what is nearer to 0 does not matter.
    p : float
        Probability that chance alone brings the number as far from `than`, of the claim ``none`` from
        0; without one the band alone decides.
    """
    told = p < LARGEST_P
    if claim == NONE:
        if -within < lower and upper < within:
            return AGREES
        return DOES_NOT if told and (lower > within or upper < -within) else CANNOT_BE_TOLD
    above, below = lower > than, upper < than
    if not told or not (above or below):
        return CANNOT_BE_TOLD
    return AGREES if above == (claim == LARGER) else DOES_NOT
