"""The tools of observability accept good files, and say of broken ones what is wrong and where."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import pytest

from generator.artifact import Prover
from generator.diagnostics import Diagnostic
from generator.prove import (
    amtool_config,
    amtool_routes,
    grafana_schema,
    otelcol,
    promtool_config,
    promtool_rules,
    promtool_tests,
    runbook_links,
    series,
)
from generator.prove.promql_labels import Series, result

GOOD = Path(__file__).parent / "observability"
JUDGED_WITH = {"prometheus": ("telemetry",), "grafana": ("prometheus", "telemetry")}
NATIVE = (amtool_config, amtool_routes, grafana_schema, otelcol, promtool_config, promtool_rules, promtool_tests)

ALERTS = "prometheus/rules/web.yaml"
TESTS = "prometheus/tests/web.yaml"
CONFIGURATION = "prometheus/production/prometheus.yaml"
RUNBOOK = "prometheus/runbooks/web/HighErrorRate.md"
ROUTES = "alertmanager/alertmanager.yaml"
ROUTING_TESTS = "alertmanager/routing-tests.yaml"
COLLECTOR = "telemetry/production/collector.yaml"
DASHBOARD = "grafana/dashboards/web.json"


class Stage:
    """A copy of the good files, to be broken; a file is named by its kind's folder first."""

    def __init__(self, folder: Path) -> None:
        self.folder = shutil.copytree(GOOD, folder / "stage")

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def ask(self, prover: Prover, kind: str) -> list[Diagnostic]:
        """As the pipeline asks: a tool that judges all files at once sees those of the kinds beside it."""
        assert prover.available() is not None, "make tools"
        files = self._files(kind)
        for other in JUDGED_WITH.get(kind, ()) if prover.SCOPE == "kind" else ():
            files += [PurePosixPath("..") / other / file for file in self._files(other)]
        return list(prover.prove(self.folder / kind, files))

    def _files(self, kind: str) -> list[PurePosixPath]:
        root = self.folder / kind
        return sorted(PurePosixPath(path.relative_to(root).as_posix()) for path in root.rglob("*") if path.is_file())


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.mark.parametrize(
    ("prover", "kind"),
    [
        (promtool_config, "prometheus"),
        (promtool_rules, "prometheus"),
        (promtool_tests, "prometheus"),
        (runbook_links, "prometheus"),
        (series, "prometheus"),
        (series, "grafana"),
        (grafana_schema, "grafana"),
        (amtool_config, "alertmanager"),
        (amtool_routes, "alertmanager"),
        (otelcol, "telemetry"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.TOOL,
)
def test_accepts_good_files(prover: Prover, kind: str, stage: Stage) -> None:
    assert stage.ask(prover, kind) == []


@pytest.mark.parametrize("prover", NATIVE, ids=lambda prover: prover.TOOL)
def test_says_that_it_is_not_there(prover: Prover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert prover.available() is not None, "make tools"
    monkeypatch.setenv("INTERLOCK_CACHE", str(tmp_path))
    assert prover.available() is None


@pytest.mark.parametrize("prover", NATIVE, ids=lambda prover: prover.TOOL)
def test_has_nothing_to_say_of_files_that_it_does_not_know(prover: Prover, tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: []\n")
    assert list(prover.prove(tmp_path, [PurePosixPath("kustomization.yaml")])) == []


def refuses(stage: Stage, prover: Prover, where: str, words: str) -> None:
    """One finding at that line of that file, or of several lines of a file where it has no number."""
    file, _, line = where.partition(":")
    kind, _, relative = file.partition("/")
    found = stage.ask(prover, kind)
    assert found, "nothing was refused"
    assert {each.at.file for each in found} == {relative}, found
    assert any(words in each.message for each in found), found
    if line:
        assert [each.at.line for each in found] == [int(line)], found


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "words"),
    [
        (CONFIGURATION, "scrape_interval", "scrap_interval", f"{CONFIGURATION}:2", "field scrap_interval not found"),
        (CONFIGURATION, "scrape_interval: 15s", "scrape_interval: 15", CONFIGURATION, 'not a valid duration string: "15"'),
        (CONFIGURATION, "scrape_interval: 15s", "scrape_interval: 10m", CONFIGURATION, "too long scrape interval"),
        (CONFIGURATION, "role: pod", "role: pods", CONFIGURATION, 'unknown Kubernetes SD role "pods"'),
        (CONFIGURATION, "action: keep", "action: kept", CONFIGURATION, 'unknown relabel action "kept"'),
        (CONFIGURATION, "job_name: web", "job_name: collector", CONFIGURATION, 'multiple scrape configs with job name "collector"'),
        (CONFIGURATION, "web:8080", "http://web:8080", CONFIGURATION, "is not a valid hostname"),
        (CONFIGURATION, "../rules/*.yaml", "../rules/orders.yaml", CONFIGURATION, "does not point to an existing file"),
        (CONFIGURATION, "../rules/*.yaml", "../rulez/*.yaml", CONFIGURATION, "promtool finds no file of rules"),
        (
            CONFIGURATION,
            "static_configs:\n      - targets: [web:8080]",
            "file_sd_configs: [{files: [web.json]}]",
            CONFIGURATION,
            "does not exist",
        ),
        (CONFIGURATION, "rule_files: [", "rule_files: [[", CONFIGURATION, "did not find expected"),
        (ALERTS, "expr: sum(rate", "expr: sum(rat", f"{ALERTS}:6", 'unknown function with name "rat"'),
    ],
)
def test_promtool_refuses_a_configuration(file: str, old: str, new: str, where: str, words: str, stage: Stage) -> None:
    stage.change(file, old, new)
    refuses(stage, promtool_config, where, words)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("[5m]))\n", "[5m])))\n", ":6", "unexpected right parenthesis"),
        ("expr: sum(rate", "expr: sum(rat", ":6", 'unknown function with name "rat"'),
        ("{{ $labels.component", "{{ $lables.component", ":18", 'undefined variable "$lables"'),
        ("humanizePercentage", "humanisePercentage", ":18", 'function "humanisePercentage" not defined'),
        ("for: 5m", "for: 5minutes", "", 'unknown unit "minutes"'),
        ("for: 5m", "fro: 5m", ":20", "field fro not found"),
        ("record: component:errors:rate5m", "record: component:requests:rate5m", "", "1 duplicate rule(s) found"),
        ("interval: 30s\n    rules:", "interval: 30s\n    rules: [", "", "did not find expected"),
        ("groups:\n", "groups: []\n---\ngroups:\n", "", "Multiple document yaml rules files are not supported"),
    ],
)
def test_promtool_refuses_rules(old: str, new: str, line: str, words: str, stage: Stage) -> None:
    stage.change(ALERTS, old, new)
    refuses(stage, promtool_rules, ALERTS + line, words)


def test_promtool_names_the_file_of_each_rule_that_it_refuses(stage: Stage) -> None:
    """Of a rule that is there twice, it says no file."""
    text = (stage.folder / ALERTS).read_text()
    broken = text.replace("record: component:errors:rate5m", "record: component:requests:rate5m")
    for name in ("api", "orders"):
        (stage.folder / "prometheus" / "rules" / f"{name}.yaml").write_text(broken)
    assert [each.at.file for each in stage.ask(promtool_rules, "prometheus")] == ["rules/api.yaml", "rules/orders.yaml"]


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "words"),
    [
        (ALERTS, "> 0.05", "> 0.5", f"{TESTS}:4", "got:[]"),
        (ALERTS, "for: 5m", "for: 20m", f"{TESTS}:4", "alertname: HighErrorRate, time: 15m"),
        (ALERTS, "{{ $labels.job }}", "{{ $labels.jobs }}", f"{TESTS}:28", 'summary="No instance of answers"'),
        (TESTS, "value: 0.25", "value: 0.5", f"{TESTS}:4", "component:errors:ratio_rate5m"),
        (TESTS, "0+10x40", "0+10y40", f"{TESTS}:4", "parse error"),
        (TESTS, "input_series", "inputs", f"{TESTS}:6", "field inputs not found"),
        (TESTS, "../rules/web.yaml", "../rules/webs.yaml", f"{TESTS}:1", "there is no file of rules rules/webs.yaml"),
        (
            TESTS,
            "alertname: HighErrorRate\n        exp_alerts: []",
            "alertname: HighErorRate\n        exp_alerts: []",
            f"{TESTS}:12",
            "raises HighErorRate",
        ),
        (ALERTS, "alert: ServiceDown", "alert: Down", TESTS, "raises ServiceDown"),
    ],
)
def test_promtool_refuses_unit_tests(file: str, old: str, new: str, where: str, words: str, stage: Stage) -> None:
    stage.change(file, old, new)
    found = [each for each in stage.ask(promtool_tests, "prometheus") if each.at.file == "tests/web.yaml"]
    assert any(words in each.message for each in found), found
    assert not where.partition(":")[2] or str(where.partition(":")[2]) in {str(each.at.line) for each in found}, found


def test_an_alert_that_no_test_expects(stage: Stage) -> None:
    """Neither one with no test, nor one whose tests expect it of another component only."""
    text = (stage.folder / ALERTS).read_text()
    alert = text[text.index("      - alert: HighErrorRate") : text.index("      - alert: ServiceDown")]
    (stage.folder / ALERTS).write_text(f"{text}{alert}".replace("component: web, owner: team-web", "component: api, owner: team-web", 1))
    found = [each for each in stage.ask(promtool_tests, "prometheus") if each.code == "promtool-test-rules/untested"]
    assert [(str(each.at), each.message) for each in found] == [("rules/web.yaml:18:1", "no test expects this HighErrorRate to fire")]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("receiver: team-web\n", "receiver: team-wbe\n", "", 'undefined receiver "team-wbe" used in route'),
        ("group_by", "group_bye", ":3", "field group_bye not found"),
        ("""'severity="critical"'""", "severity", "", "bad matcher format"),
        ("name: team-web\n", "name: team-platform\n", "", 'notification config name "team-platform" is not unique'),
        ("  receiver: team-platform\n", "", "", "root route must specify a default receiver"),
        ("receiver: team-platform\n", "receiver: team-platform\n  group_wait: 30\n", "", 'not a valid duration string: "30"'),
        ("receivers:\n", "receivers: [\n", "", "did not find expected"),
        ("templates/*", "template/*", ":27", "there are no templates template/*.tmpl"),
    ],
)
def test_amtool_refuses_a_configuration(old: str, new: str, line: str, words: str, stage: Stage) -> None:
    stage.change(ROUTES, old, new)
    refuses(stage, amtool_config, ROUTES + line, words)


def test_amtool_refuses_a_broken_template(stage: Stage) -> None:
    stage.change("alertmanager/templates/interlock.tmpl", "{{ end }}", "")
    refuses(stage, amtool_config, ROUTES, "unexpected EOF")


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "words"),
    [
        (ROUTES, "continue: true", "continue: false", f"{ROUTING_TESTS}:2", "amtool says: team-web-critical"),
        (ROUTES, 'owner="team-web"', 'owner="team-webs"', ROUTING_TESTS, "amtool says: team-platform"),
        (
            ROUTING_TESTS,
            "[team-web-critical, team-web]",
            "[team-web, team-web-critical]",
            f"{ROUTING_TESTS}:2",
            "amtool says: team-web-critical,team-web",
        ),
        (ROUTING_TESTS, "receivers: [team-platform]", "receivers: []", "", "expected no receiver"),
        (ROUTING_TESTS, "tests:", "tests: [", ROUTING_TESTS, "expected"),
    ],
)
def test_amtool_refuses_routes(file: str, old: str, new: str, where: str, words: str, stage: Stage) -> None:
    stage.change(file, old, new)
    if where:
        refuses(stage, amtool_routes, where, words)
    else:
        assert any(words in each.message for each in stage.ask(amtool_routes, "alertmanager"))


def test_a_receiver_that_no_test_reaches(stage: Stage) -> None:
    stage.change(ROUTES, "inhibit_rules:", "  - name: nobody\ninhibit_rules:")
    refuses(stage, amtool_routes, f"{ROUTES}:23", "no routing test expects an alert to reach nobody")


def test_routes_without_tests(stage: Stage) -> None:
    (stage.folder / ROUTING_TESTS).unlink()
    refuses(stage, amtool_routes, ROUTES, "there is no routing-tests.yaml beside it")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("sampling_percentage", "sampling_percent", ":31", "has invalid keys: sampling_percent"),
        ("check_interval: 1s", "check_interval: 0s", ":12", "'check_interval' must be greater than zero"),
        ("[otlp, span_metrics]", "[otlp, span_metric]", ":", 'references receiver "span_metric" which is not configured'),
        ('attributes["peer.service"] != nil', 'attributs["peer.service"] != nil', ":20", 'segment "attributs"'),
        ('attributes["http.route"] == ', 'attributes["http.route" == ', ":16", "unable to parse OTTL condition"),
        ("exporters: [prometheus]", "exporters: [prometheus, span_metrics]", ":", "span_metrics"),
        ("exporters: [forward, span_metrics]", "exporters: [forward, span_metrics, prometheus]", ":", "telemetry type is not supported"),
        ("  debug: {}", "  jaeger: {}", ":", 'unknown type: "jaeger"'),
        ("  debug: {}", "  debug: {}\n  debug: {}", ":", 'mapping key "debug" already defined'),
        ("[100ms, 500ms, 1s]", "[100 ms]", ":", "span_metrics"),
        ("processors: [tail_sampling]", "processors: [absent]", ":", 'references processor "absent" which is not configured'),
    ],
)
def test_the_collector_refuses_a_configuration(old: str, new: str, line: str, words: str, stage: Stage) -> None:
    stage.change(COLLECTOR, old, new)
    found = stage.ask(otelcol, "telemetry")
    assert any(words in each.message for each in found), found
    assert line == ":" or [each.at.line for each in found] == [int(line[1:])], found


@pytest.mark.parametrize(
    ("present", "former", "line"), [("otlp_grpc", "otlp", 49), ("otlp_http", "otlphttp", 53), ("span_metrics", "spanmetrics", 39)]
)
def test_a_component_by_its_former_name(present: str, former: str, line: int, stage: Stage) -> None:
    """The collector takes it, and warns when it runs."""
    for _ in range((stage.folder / COLLECTOR).read_text().count(present)):
        stage.change(COLLECTOR, present, former)
    refuses(stage, otelcol, f"{COLLECTOR}:{line}", f"{former} is no present name of one of the")


@pytest.mark.mutant
@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"panels": [\n', '"panles": [\n', 15, """'"panles"' does not exist in type"""),
        ('"unit"', '"unti"', 25, """'"unti"' does not exist in type"""),
        ('"expr": "sum(ALERTS', '"exp": "sum(ALERTS', 52, """'"exp"' does not exist in type"""),
        ('"lineWidth": 2', '"linewidth": 2', 28, """'"linewidth"' does not exist in type"""),
        ('"graphMode"', '"grapMode"', 49, """'"grapMode"' does not exist in type"""),
        ('"targets"', '"targtes"', 38, """'"targtes"' does not exist in type"""),
        ('"content": "x"', '"contents": "x"', 55, """'"contents"' does not exist in type"""),
        ('"custom.lineWidth"', '"custom.lineWith"', 31, """Did you mean '"custom.lineWidth"'?"""),
        ('"value": 3', '"value": "3"', 31, "not assignable"),
        ('"palette-classic"', '"palette-classical"', 26, """Did you mean '"palette-classic"'?"""),
        ('"placement": "bottom"', '"placement": "botom"', 35, """Did you mean '"bottom"'?"""),
        ('"schemaVersion": 42', '"schemaVersion": "42"', 4, "Type 'string' is not assignable to type 'number'"),
        ('"range": true', '"range": "true"', 39, "Type 'string' is not assignable to type 'boolean"),
        ('"type": "stat"', '"type": "status"', 53, "Property 'status' does not exist on type"),
        ('"type": "stat",', "", 53, "Property 'type' is missing"),
        ('"justifyMode": "auto", ', "", 48, "Property 'justifyMode' is missing"),
        ('"id": 3,', '"id": 3, "id": 6,', 43, "cannot have multiple properties with the same name"),
        ('"id": 3,', '"id": 3,,', 43, "in JSON at position"),
        ("{\n", "[{\n", 1, "in JSON"),
    ],
)
def test_typescript_refuses_a_dashboard(old: str, new: str, line: int, words: str, stage: Stage) -> None:
    stage.change(DASHBOARD, old, new)
    found = stage.ask(grafana_schema, "grafana")
    assert [each.at.file for each in found] == ["dashboards/web.json"], found
    assert any(words in f"{each.message} {each.help}" for each in found), found
    assert line in {each.at.line for each in found} or "in JSON" in words, found


def test_typescript_tells_the_faults_of_every_panel(stage: Stage) -> None:
    """A misspelt key is told although another panel has a value of the wrong type."""
    for old, new in [
        ('"unit"', '"unti"'),
        ('"graphMode": "none"', '"graphMode": 1'),
        ('"content"', '"contents"'),
        ('"uid": "shop', '"uidd": "shop'),
    ]:
        stage.change(DASHBOARD, old, new)
    assert sorted(each.at.line for each in stage.ask(grafana_schema, "grafana")) == [2, 25, 49, 55]


def test_what_is_there_twice(stage: Stage) -> None:
    """Types do not tell."""
    stage.change(DASHBOARD, '"id": 5', '"id": 3')
    shutil.copy(stage.folder / DASHBOARD, stage.folder / "grafana" / "dashboards" / "zoo.json")
    said = [(str(each.at), each.message) for each in stage.ask(grafana_schema, "grafana")]
    assert said == [
        ("dashboards/web.json:55:8", "another panel has the id 3 too"),
        ("dashboards/zoo.json:2:3", 'the uid "shop-web" is that of dashboards/web.json too'),
        ("dashboards/zoo.json:55:8", "another panel has the id 3 too"),
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            ALERTS,
            "rate(traces_span_metrics_calls_total",
            "rate(traces_span_metrics_calls",
            '"traces_span_metrics_calls_total" is the nearest',
        ),
        (ALERTS, 'service_name="web", span_kind', 'service="web", span_kind', 'has no label "service"'),
        (ALERTS, "STATUS_CODE_ERROR", "ERROR", 'never is as in status_code="ERROR"'),
        (ALERTS, 'le="0.5"', 'le="0.4"', 'never is as in le="0.4"'),
        (ALERTS, 'le="0.5"', 'le=~"0[.]4|0[.]6"', "never is as in le=~"),
        (ALERTS, "sum by (http_route) (rate", "sum by (route) (rate", 'by() names the label "route"'),
        (ALERTS, "/ on (component)", "/ on (peer)", 'on() names the label "peer"'),
        (
            ALERTS,
            "/ on (component) component:requests:rate5m",
            "/ up",
            "never match: only the left has component; only the right has instance, job",
        ),
        (ALERTS, '{component="web"} >', '{peer="web"} >', 'has no label "peer"'),
        (ALERTS, "{{ $labels.job }}", "{{ $labels.owner }}", 'no label "owner" for its template'),
        (ALERTS, 'component="web"} >', 'component="web" >', "unexpected"),
        (ALERTS, "sum by (job) (up{", "histogram_quantile(0.9, up{", 'needs the label "le"'),
        (ALERTS, "sum by (job) (up{", "sum by (job) ({", "names no metric"),
        (ALERTS, "sum by (job) (up{", 'sum by (job) ({__name__=~"upp.*", ', "nothing records a metric with"),
        (ALERTS, "sum by (job) (up{", 'label_replace(up, "x", "$1", "pod", "(.*)") or sum by (job) (up{', 'reads the label "pod"'),
        (ALERTS, "sum by (job) (up{", "sum without (pod) (up{", 'without() names the label "pod"'),
        (ALERTS, "up{", "up * on (job) group_left (version) up{", 'group_left() names the label "version"'),
        (TESTS, "series: up{job", "series: upp{job", 'nothing records "upp"'),
        (TESTS, "series: up{job", "series: up{jobs", 'has no label "jobs"'),
        (TESTS, "expr: component:errors:ratio_rate5m", "expr: component:errors:ratio", "nothing records"),
    ],
)
def test_rules_read_only_what_is_there(file: str, old: str, new: str, words: str, stage: Stage) -> None:
    stage.change(file, old, new)
    found = stage.ask(series, "prometheus")
    assert any(words in each.message for each in found), found
    assert {each.at.file for each in found} <= {"rules/web.yaml", "tests/web.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"expr": "sum by (http_route) (rate(traces', '"expr": "sum by (http_route) (rate(trace', 39, "is the nearest there is"),
        ("sum by (http_route)", "sum by (rpc_method)", 39, 'by() names the label "rpc_method"'),
        ("{{http_route}}", "{{ route }}", 39, 'no label "route" for its legend'),
        ("[$__rate_interval]", "[$__rate]", 39, "unexpected"),
        ("label_values(traces", "label_values(trace", 12, "is the nearest there is"),
        (", service_name)", ", service)", 12, 'has no label "service"'),
        ('"query": "label_values', '"query": "labels_values', 12, "neither label_values() nor query_result()"),
        ("alertstate=", "alert_state=", 52, 'has no label "alert_state"'),
    ],
)
def test_dashboards_read_only_what_is_there(old: str, new: str, line: int, words: str, stage: Stage) -> None:
    stage.change(DASHBOARD, old, new)
    found = stage.ask(series, "grafana")
    assert any(words in each.message for each in found), found
    assert {(each.at.file, each.at.line) for each in found} == {("dashboards/web.json", line)}


def test_series_are_not_judged_without_the_list_of_instruments(stage: Stage) -> None:
    (stage.folder / "telemetry" / "instruments.yaml").unlink()
    [found] = stage.ask(series, "prometheus")
    assert "there is no instruments.yaml" in found.message


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "words"),
    [
        (ALERTS, "          runbook_url: runbooks/web/ServiceDown.md\n", "", "prometheus/rules/web.yaml:25", "names no runbook_url"),
        (
            ALERTS,
            "url: runbooks/web/ServiceDown.md",
            "url: runbooks/web/Down.md",
            "prometheus/rules/web.yaml:31",
            "there is no runbook runbooks/web/Down.md",
        ),
        (ALERTS, "url: runbooks/web/ServiceDown.md", "url: runbooks/ServiceDown.md", "prometheus/rules/web.yaml:31", "there is no runbook"),
        (RUNBOOK, "ServiceDown.md#what", "Down.md#what", f"{RUNBOOK}:3", "the link Down.md#what-to-do leads nowhere"),
        (RUNBOOK, "ServiceDown.md#what", "ServiceDown.md#how", f"{RUNBOOK}:3", "leads to no heading of runbooks/web/ServiceDown.md"),
        (RUNBOOK, "(#what", "(#how", f"{RUNBOOK}:7", "leads to no heading"),
        (RUNBOOK, "../../rules", "../rules", f"{RUNBOOK}:7", "leads nowhere"),
    ],
)
def test_runbooks_and_alerts_lead_to_one_another(file: str, old: str, new: str, where: str, words: str, stage: Stage) -> None:
    stage.change(file, old, new)
    found = [each for each in stage.ask(runbook_links, "prometheus") if not each.code.endswith("/not-named")]
    assert [f"prometheus/{each.at.file}:{each.at.line}" for each in found] == [where]
    assert words in found[0].message


def test_a_runbook_that_no_alert_names(stage: Stage) -> None:
    (stage.folder / "prometheus/runbooks/web/Old.md").write_text("# Old\n")
    refuses(stage, runbook_links, "prometheus/runbooks/web/Old.md", "no alert names this runbook")


KNOWN = {"a": Series(frozenset({"le", "x", "y"})), "b": Series(frozenset({"x", "y"}))}


@pytest.mark.parametrize(
    ("expression", "labels"),
    [
        ("b", "x y"),
        ("-b", "x y"),
        ("sum by (x) (a)", "x"),
        ("sum(a)", ""),
        ("sum without (x) (a)", "le y"),
        ("topk(3, a)", "le x y"),
        ("topk by (x) (3, a)", "le x y"),
        ('count_values by (x) ("v", b)', "v x"),
        ("histogram_quantile(0.9, sum by (le, x) (rate(a[5m])))", "x"),
        ("max_over_time((sum by (x) (b))[1h:1m])", "x"),
        ("b / b", "x y"),
        ("b / on (x) b", "x"),
        ("b / ignoring (x) b", "y"),
        ("b * on (x) group_left () sum by (x) (b)", "x y"),
        ("sum by (x) (b) * on (x) group_right () b", "x y"),
        ("sum by (x) (b) * on (x) group_left (y) b", "x y"),
        ("b and on (x) a", "x y"),
        ("b unless on () vector(1)", "x y"),
        ("b or a", "le x y"),
        ("b > bool 1", "x y"),
        ("time() - b", "x y"),
        ("scalar(sum(a)) * b", "x y"),
        ("1 + 1", ""),
        ("vector(1)", ""),
        ('absent(b{x="1", y!="2"})', "x"),
        ('absent_over_time(b{x="1"}[5m])', "x"),
        ("absent(sum by (x) (b))", ""),
        ('label_replace(b, "z", "$1", "x", "(.*)")', "x y z"),
        ('label_join(b, "z", "-", "x", "y")', "x y z"),
        ('{__name__=~"a|b", x="1"}', "le x y"),
        ('{__name__="b"}', "x y"),
        ("clamp_min(b offset 5m, 1)", "x y"),
    ],
)
def test_labels_of_an_expression(expression: str, labels: str) -> None:
    assert result(expression, KNOWN) == (frozenset(labels.split()), [])
