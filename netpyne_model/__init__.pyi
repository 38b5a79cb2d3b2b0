from . import analysis as analysis
from . import experiments as experiments
from . import figures as figures
from .analysis.results_folder import load as load
from .analysis.results_folder import save as save
from .cell.cell import Cell as Cell
from .errors import ModelError as ModelError
from .exports import write_netpyne as write_netpyne
from .figures.plots import draw as draw
from .figures.plots import draw_parameter as draw_parameter
from .figures.plots import plot as plot
from .figures.plots import plot_parameter as plot_parameter
from .protocols import CurrentClamp as CurrentClamp
from .protocols import Holding as Holding
from .protocols import PlaceFieldInput as PlaceFieldInput
from .protocols import Protocol as Protocol
from .protocols import ShaftInput as ShaftInput
from .protocols import SpineInput as SpineInput
from .protocols import SynapticConductance as SynapticConductance
from .protocols import SynapticCurrent as SynapticCurrent
from .protocols import VoltageClamp as VoltageClamp
from .results import Result as Result
from .simulation import Trial as Trial
from .simulation.network import add_cells as add_cells
from .studies.study import Study as Study

__version__: str
