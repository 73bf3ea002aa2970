"""`cd tests && python -m defects` prints how many of the injected defects the review finds, and how many of its findings are of injected defects."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from test_defects import INJECTIONS, findings


def main() -> None:
    found, injected, right, wrong = Counter[str](), Counter[str](), 0, 0
    for defect, _, change in INJECTIONS:
        with tempfile.TemporaryDirectory() as folder:
            codes = [each.code for each in findings(change, Path(folder))]
        injected[defect.rule] += 1
        found[defect.rule] += defect.rule in codes
        right += sum(code in {defect.rule, *defect.beside} for code in codes)
        wrong += sum(code not in {defect.rule, *defect.beside} for code in codes)
    for rule in sorted(injected):
        print(f"{rule:<34} {found[rule]} of {injected[rule]}")
    recall, precision = found.total() / injected.total(), right / (right + wrong)
    print(f"{injected.total()} defects of {len(injected)} kinds: recall {recall:.3f}; {right + wrong} findings: precision {precision:.3f}")


if __name__ == "__main__":
    main()
