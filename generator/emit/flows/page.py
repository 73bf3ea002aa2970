"""How flows are run: what belongs into the image, which tables and secrets must be there, and how one is tried on one machine."""

from __future__ import annotations

from generator import connections, placement
from generator.beam import pipelines
from generator.emit.flows.package import PINS
from generator.graph import Graph, Pipeline
from generator.text import generated_by, markdown_code, markdown_link, markdown_table, markdown_text

HEADS = ("Flow", "What it does", "Runs", "Variables", "Mapping")
ABOUT = """\
Each folder is a pipeline of [Apache Beam YAML](<https://beam.apache.org/documentation/sdks/yaml/>); `{package}` has the transforms that Beam
lacks. The same files run in one process, and unchanged on Flink, Spark or Dataflow when that is not enough: give the runner's options
in place of `--runner=FnApiRunner`, with an image of the workers that holds the package, too.

- **Image**: Python 3.11 or later, `pip install --requirement requirements.txt` and `pip install --no-deps .` in this folder; proven with {pins}.
- **Tables**: run `sql/` of each flow before its first run, and after a change of the contract migrate by hand what is there already.
- **Variables**: connections come from the secret `<component>-connections`, under the names below: for PostgreSQL and Redis an address with
  user and password, for BigQuery `bigquery://project`. Addresses of look-ups and of the broker are in the component's ConfigMap.
- **On one machine**: `overlays/local.yaml` says what stands in for a store that runs only in its cloud:

      cd <component>/<flow>
      PYTHONPATH=../../src python -P -m apache_beam.yaml.main --yaml_pipeline_file=pipeline.yaml \\
        --runner=FnApiRunner --jinja_variables='{{"environment": "local"}}'

- **Unit tests**: the same with `{{"environment": "tests"}}`, `--test_suite=tests.yaml` and `--tests`; no server is touched.

A run that fails changes no watermark, and everything that it wrote may be written again: the next run goes on where the last that
succeeded had ended. Its row is in `{runs}`, beside the quarantine or the first table that the flow writes.
"""


def page(graph: Graph) -> str:
    found = pipelines.complete(graph)
    pins = ", ".join(f"{name} {version}" for name, version in sorted(PINS.items()) if name != "google-cloud-bigquery")
    about = ABOUT.format(package=pipelines.package(graph), pins=pins, runs=connections.RUNS)
    table = markdown_table(HEADS, [_row(graph, each) for each in found])
    return f"<!-- {generated_by(graph.name, ())} -->\n\n# Data flows\n\n{about}\n{table}"


def _row(graph: Graph, pipeline: Pipeline) -> list[str]:
    variables = sorted({connections.store_variable(graph, each) for each in pipelines.stores(graph, pipeline)})
    if placement.is_job(pipeline.component) or pipeline.schedule:
        when = " ".join(filter(None, [pipeline.schedule, pipeline.timezone])) or "by hand"
    else:
        when = "again and again"
    return [
        markdown_code(pipeline.id),
        markdown_text(pipeline.flow.summary or pipeline.flow.title or ""),
        markdown_text(when),
        ", ".join(map(markdown_code, variables)),
        markdown_link("mapping.md", f"{pipeline.component.name}/{pipeline.flow.name}/mapping.md"),
    ]
