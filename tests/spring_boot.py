"""Asks a real Spring Boot application what it makes of resilience4j configuration files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator.tools import CannotInstall, ToolSet, install

REFUSED = 3
"""What the application exits with when it refuses a file; another status is a fault of the harness."""
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
"""A JVM that lives for a second does not pay for optimizing."""

Instances = dict[str, dict[str, dict[str, Any]]]
"""Section of the configuration (`retry`) → instance → what is known of it."""


class Refused(Exception):
    """Files that the application does not start with, and what it says of each."""

    def __init__(self, words: dict[Path, str]) -> None:
        super().__init__("\n".join(f"{file}: {said}" for file, said in words.items()))
        self.words = words


def effective(files: Sequence[Path], profiles: Sequence[str] = ()) -> list[Instances]:
    """For each file, alone, the values that resilience4j works with: under their names in the file, times in milliseconds."""
    return _ask("effective", files, profiles)


def drive(files: Sequence[Path], profiles: Sequence[str] = ()) -> list[Instances]:
    """For each file what its circuit breakers and retries do: failing and good calls are made through them, and counted.

    A breaker tells `failuresUntilOpen`, `failuresUntilOpenAfterSuccess` (all failures but one, then a success, then so many
    again; 0 where the success did not help), `isCalledWhenOpen` and `successesUntilClosed` (half open); None is "never". A retry tells `tries` of a call that
    always throws an IOException, the `waits` in between (it does not really wait), and `triesWhenOpen`, behind an open breaker.
    """
    return _ask("drive", files, profiles)


def build(stage: Path) -> None:
    """Compile the application and fetch what it runs with; only that stays."""
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotInstall("the Spring Boot application needs Maven and a JDK, 17 or later: install both")
    command = [maven, "--batch-mode", "--quiet", "--no-transfer-progress", "--strict-checksums", "compile"]
    done = subprocess.run(command, cwd=stage, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotInstall(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()}")
    for kept in ("classes", "lib"):
        (stage / "target" / kept).rename(stage / kept)
    shutil.rmtree(stage / "target")


SPRING = ToolSet("spring", Path(__file__).parent / "spring", build)


def _ask(mode: str, files: Sequence[Path], profiles: Sequence[str]) -> list[Instances]:
    """One JVM for all files: its start costs more than any of them."""
    install(SPRING)
    classes = os.pathsep.join([str(SPRING.folder / "classes"), str(SPRING.folder / "lib" / "*")])
    asked = [mode, ",".join(profiles), *(str(file.absolute()) for file in files)]
    done = subprocess.run([_java(), *QUICK, "-cp", classes, "interlock.Main", *asked], capture_output=True, encoding="utf-8", check=False)
    if done.returncode == REFUSED:
        raise Refused({Path(file): said for file, said in json.loads(done.stdout).items()})
    if done.returncode != 0:
        raise RuntimeError(f"the Spring Boot application ended with status {done.returncode}:\n{done.stderr.strip()}")
    answers: list[Instances] = json.loads(done.stdout)
    assert len(answers) == len(files)
    return answers


def _java() -> str:
    """The one that Maven takes."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    assert found is not None, "Maven has just run on it"
    return found
