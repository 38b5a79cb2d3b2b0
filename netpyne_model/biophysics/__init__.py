"""Biophysics: the declarative table of density rules and its closed forms of path distance."""

from .profiles import Profile, Term
from .rules import FULL_RULES, SIMPLE_RULES, DensityRules, RuleProfiles, load_rules

__all__ = ["FULL_RULES", "SIMPLE_RULES", "DensityRules", "Profile", "RuleProfiles", "Term", "load_rules"]
