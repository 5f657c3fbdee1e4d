"""Pages of the figures: dashboards, the national grid, compilations."""

from indicators.views.compilations import compilation, compile_period, retry_compilation
from indicators.views.dashboards import chart, dashboard, dashboards, download, seal, transmit
from indicators.views.grid import grid
from indicators.views.works import retry_files, works

__all__ = [
    "chart",
    "compilation",
    "compile_period",
    "dashboard",
    "dashboards",
    "download",
    "grid",
    "retry_compilation",
    "retry_files",
    "seal",
    "transmit",
    "works",
]
