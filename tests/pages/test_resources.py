"""What the whole process shares."""

from __future__ import annotations

import subprocess
import sys


def test_a_warm_process_hands_over_to_waiting_pages_soon() -> None:
    asked = "import sys; from pages.parts import resources; resources.warm(); print(sys.getswitchinterval())"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert 0 < float(told.stdout.split()[-1]) < sys.getswitchinterval()
