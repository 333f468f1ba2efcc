"""``python -m core COMMAND``: label, analyse, check, models, evaluate, jobs, serve, train."""

import sys

from core.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
