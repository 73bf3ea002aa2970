# mypy: disable-error-code="import-not-found"
"""What runs in datacontract's own Python: its lint on each file, and nothing that it finds elsewhere."""

from __future__ import annotations

import json
import logging
import socket
import sys
from typing import Any


def main() -> None:
    """Paths come in as a JSON list; for each goes out what was not passed, as pairs of result and reason."""
    logging.disable(logging.CRITICAL)
    socket.socket.connect = _refuse  # type: ignore[method-assign]  # no contract of ours names anything to be fetched
    from datacontract.data_contract import DataContract

    answers = []
    for path in json.load(sys.stdin):
        run = DataContract(data_contract_file=path, all_errors=True).lint()
        answers.append([(check.result.value, f"{check.name}: {check.reason}") for check in run.checks if check.result.value != "passed"])
    sys.stdout.write("\n" + json.dumps(answers) + "\n")


def _refuse(*_: Any) -> None:
    raise OSError("a contract is judged without the network")


if __name__ == "__main__":
    main()
