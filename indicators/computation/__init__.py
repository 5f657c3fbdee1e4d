"""Raw figures of one territory and period, from rollups and from units.

A unit of work is (period, territory, borders). It builds the grid of the cells that exist, counts
what the facts say, and writes one `Figure` a cell. SQL, as `compiler`, never through the ORM.
"""

from indicators.computation.compute import compute_figures
from indicators.computation.territory import Borders, Extent, borders_of, extent_of

__all__ = ["Borders", "Extent", "borders_of", "compute_figures", "extent_of"]
