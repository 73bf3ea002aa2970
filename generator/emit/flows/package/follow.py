"""The module follow of the provider package, word for word."""

TEXT = r'''"""A flow that follows its sources: its pipeline is run again and again, until it is told to end or a run fails."""

import argparse
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """The exit code of the first run that fails; 0 when the process is told to end, after the run that is under way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two runs")
    own, given = parser.parse_known_args(arguments)
    ended = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: ended.set())
    while not ended.is_set():
        # A process of its own for each run, and a group of its own, so that a signal to us does not cut it short.
        command = [sys.executable, "-P", "-m", "apache_beam.yaml.main", *given]
        code = subprocess.run(command, check=False, start_new_session=True).returncode
        if code:
            return code
        ended.wait(own.pause)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''
