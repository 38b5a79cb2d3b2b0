"""The configuration of a run: `fields` declares it, `wording` describes it, `loading` reads it."""

from .fields import EXAMPLE_RECORD, EXAMPLE_STIMULI, MODEL_DEFAULTS, SETUPS, TrialConfig
from .loading import as_mapping, field_value, load_configuration, plain_fields
from .wording import check_field, description, expected, unit

__all__ = [
    "EXAMPLE_RECORD",
    "EXAMPLE_STIMULI",
    "MODEL_DEFAULTS",
    "SETUPS",
    "TrialConfig",
    "as_mapping",
    "check_field",
    "description",
    "expected",
    "field_value",
    "load_configuration",
    "plain_fields",
    "unit",
]
