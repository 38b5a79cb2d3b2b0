"""The model written for other programs, in folders that need nothing of this package."""

from .combine_archive import write_combine_archive
from .general_mode import in_general_mode
from .netpyne_folder import write_netpyne
