"""Run as a folder, the package is not one yet: its parent is where it is looked for."""

import sys
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from attack_editions.command_line import main

sys.exit(main(sys.argv[1:]))
