"""Run a training step with ``python -m core.train STEP`` (the same as ``python -m core train STEP``)."""

import sys

from core.train import main

sys.exit(main(sys.argv[1:]))
