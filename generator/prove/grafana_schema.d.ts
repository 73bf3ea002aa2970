// What may stand in the JSON of a dashboard: the types of @grafana/schema, and where these leave it open (a panel's options,
// its queries, the settings of its fields), those of the panel's own type. The package has no type for queries to Prometheus.
import type * as grafana from "@grafana/schema";
import type * as bargauge from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type * as gauge from "@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen";
import type * as heatmap from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as statetimeline from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as statushistory from "@grafana/schema/dist/esm/raw/composable/statushistory/panelcfg/x/StatusHistoryPanelCfg_types.gen";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as text from "@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

/** As JSON has it: for a member of an enumeration of texts, its text. */
type Json<T> = T extends string
  ? `${T}`
  : T extends readonly (infer Element)[]
    ? Json<Element>[]
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T;

interface Field<Custom> extends Omit<grafana.FieldConfig, "custom"> {
  custom?: Custom;
}
type Setting<Fields, Prefix extends string = ""> = {
  [Key in keyof Fields & string]-?: { id: `${Prefix}${Key}`; value?: Fields[Key] };
}[keyof Fields & string];
interface Override<Custom> {
  matcher: grafana.MatcherConfig;
  properties: (Setting<Omit<grafana.FieldConfig, "custom">> | Setting<Custom, "custom.">)[];
}
interface PanelOf<Type extends string, Options, Custom = Record<never, never>>
  extends Omit<grafana.Panel, "type" | "options" | "fieldConfig" | "targets"> {
  type: Type;
  options?: Options;
  fieldConfig?: { defaults: Field<Custom>; overrides: Override<Custom>[] };
  targets?: unknown[];
}
interface Row extends Omit<grafana.RowPanel, "panels"> {
  panels: unknown[];
}
interface PrometheusQuery extends grafana.DataQuery {
  expr: string;
  legendFormat?: string;
  instant?: boolean;
  range?: boolean;
  exemplar?: boolean;
  format?: "time_series" | "table" | "heatmap";
  interval?: string;
  intervalFactor?: number;
  editorMode?: "code" | "builder";
}

/** A dashboard, with panels that are judged one by one. */
export type Dashboard = Json<Omit<grafana.Dashboard, "panels"> & { panels?: unknown[] }>;
/** A query of a panel. */
export type Query = Json<PrometheusQuery>;
/** Panels by their type, with rows and queries that are judged one by one. */
export type Panels = Json<{
  row: Row;
  bargauge: PanelOf<"bargauge", bargauge.Options>;
  gauge: PanelOf<"gauge", gauge.Options>;
  heatmap: PanelOf<"heatmap", heatmap.Options, heatmap.FieldConfig>;
  stat: PanelOf<"stat", stat.Options>;
  "state-timeline": PanelOf<"state-timeline", statetimeline.Options, statetimeline.FieldConfig>;
  "status-history": PanelOf<"status-history", statushistory.Options, statushistory.FieldConfig>;
  table: PanelOf<"table", table.Options, table.FieldConfig>;
  text: PanelOf<"text", text.Options>;
  timeseries: PanelOf<"timeseries", timeseries.Options, timeseries.FieldConfig>;
}>;
/** What tells a panel from others. */
export type Typed = { type: keyof Panels; [key: string]: unknown };
