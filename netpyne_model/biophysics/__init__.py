"""Biophysics: the declarative table of density rules and what it comes to on a morphology."""

from .density_rules import (
    FULL_RULES,
    NON_SPECIFIC,
    SIMPLE_RULES,
    ChannelRules,
    DensityRules,
    load_rules,
)
from .distribution import Held, RuleProfiles
from .profiles import Profile, Term
from .rules import Gradient, RegionRules, Rule
