"""What the errors of specifications, drugs, plasticity, placement and receptors advise is done, and works."""

import json

import numpy as np
import pandas as pd
import pytest
from following import advised, advised_number, told

from netpyne_model import Cell, PlaceFieldInput, SpineInput
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.morphology import read_section_table, read_swc
from netpyne_model.morphology.sections import LONGEST_UM, MOST_SECTIONS
from netpyne_model.output_folder import output_folder
from netpyne_model.plasticity import load_rule
from netpyne_model.protocols.stimuli import stimulus_of
from netpyne_model.receptors import check_receptor
from netpyne_model.scores.command import chosen_tests
from netpyne_model.specification.arguments import as_path
from netpyne_model.sweeps.workers import check_workers
from netpyne_model.time_limit import check_time_limit

CELL = Cell()
