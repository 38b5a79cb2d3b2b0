"""The configuration of a run: `fields` declares it, `wording` describes it, `loading` reads it."""

from .clamp_words import clamp_in_a_sentence, is_dynamic_clamp
from .differences import cell_name, differences, differing, in_name, in_title, side_by_side
from .fields import (
    CONTENTS,
    EXAMPLE_RECORD,
    EXAMPLE_STIMULI,
    FILES,
    MODEL_DEFAULTS,
    SETUPS,
    TrialConfig,
)
from .loading import as_mapping, count_from, field_value, load_configuration, plain_fields
from .wording import check_field, description, expected, unit

__all__ = [
    "CONTENTS",
    "EXAMPLE_RECORD",
    "EXAMPLE_STIMULI",
    "FILES",
    "MODEL_DEFAULTS",
    "SETUPS",
    "TrialConfig",
    "as_mapping",
    "cell_name",
    "check_field",
    "clamp_in_a_sentence",
    "count_from",
    "description",
    "differences",
    "differing",
    "expected",
    "field_value",
    "in_name",
    "in_title",
    "is_dynamic_clamp",
    "load_configuration",
    "plain_fields",
    "side_by_side",
    "unit",
]
