import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { EngineScope } from "../engine.ts";
import { filesType, valuesType } from "../template/map-methods.ts";
import { goMap, goValueOf, int, isMap, Struct, typed } from "../template/value.ts";
import type { GoMap, GoValue } from "../template/value.ts";

/** The version charts see as Helm's own. */
const helmVersion = "v4.0.0";

/**
 * What the templates of a chart and of those below it see at their top, as Helm makes it: one map per chart, shared by its templates, so that what one
 * template sets another one sees. `known` takes each chart's map.
 */
export function helmScope(scope: EngineScope, isRoot: boolean, known: Map<EngineScope, GoMap>): GoMap {
  const { objects } = scope;
  const subcharts = goMap();
  const data = goMap([
    ["Chart", chartMap(objects.Chart, isRoot)],
    ["Files", typed(goMap(scope.files), filesType)],
    ["Release", releaseMap(objects.Release)],
    ["Capabilities", capabilities(objects.Capabilities)],
    ["Values", typed(scope.values, valuesType)],
    ["Subcharts", subcharts],
  ]);
  known.set(scope, data);
  for (const { name, scope: child } of scope.children) subcharts[name] = helmScope(child, false, known);
  return data;
}

function releaseMap(release: JsonObject): GoMap {
  const map = mapOf(release);
  map["Revision"] = int(typeof release["Revision"] === "number" ? release["Revision"] : 1);
  // Charts label what they make with it; other tools look for the label.
  map["Service"] = "Helm";
  return map;
}

const textFields = ["Name", "Home", "Version", "Description", "Icon", "APIVersion", "Condition", "Tags", "AppVersion", "KubeVersion", "Type"];
const listFields = ["Sources", "Keywords", "Maintainers", "Dependencies"];

function chartMap(metadata: JsonObject, isRoot: boolean): GoMap {
  const given = new Map(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value] as const));
  const annotations = given.get("annotations");
  return goMap([
    ...textFields.map((name) => [name, textOf(given.get(name.toLowerCase()))] as const),
    ...listFields.map((name) => [name, capitalized(given.get(name.toLowerCase()) ?? [])] as const),
    ["Deprecated", given.get("deprecated") === true], ["IsRoot", isRoot],
    ["Annotations", typed(goMap(isJsonObject(annotations) ? Object.entries(annotations).map(([key, value]) => [key, textOf(value)] as const) : []), "map[string]string")],
  ]);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Members of a struct's list, named as Go names fields: `.Name` of a maintainer. */
function capitalized(value: Json): GoValue {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => capitalized(item));
  if (!isJsonObject(value)) return value;
  return goMap(Object.entries(value).map(([key, member]) => [key.charAt(0).toUpperCase() + key.slice(1), goValueOf(member)] as const));
}

function capabilities(facts: JsonObject): Struct {
  const kubeVersion = isJsonObject(facts["KubeVersion"]) ? facts["KubeVersion"] : {};
  const version = textOf(kubeVersion["Version"]);
  const apiVersions = new Set(Array.isArray(facts["APIVersions"]) ? (facts["APIVersions"] as readonly Json[]).map(textOf) : []);
  return new Struct("*common.Capabilities", {
    fields: {
      KubeVersion: new Struct("common.KubeVersion", {
        fields: { Version: version, Major: textOf(kubeVersion["Major"]), Minor: textOf(kubeVersion["Minor"]) },
        methods: { String: () => version, GitVersion: () => version }, text: () => version,
      }),
      APIVersions: new Struct("common.VersionSet", { methods: { Has: ([name]) => typeof name === "string" && apiVersions.has(name) }, text: () => `[${[...apiVersions].join(" ")}]` }),
      HelmVersion: new Struct("common.BuildInfo", { fields: { Version: helmVersion, GitCommit: "", GitTreeState: "clean", GoVersion: "" } }),
    },
  });
}

function mapOf(value: JsonObject): GoMap {
  const map = goValueOf(value);
  return isMap(map) ? map : goMap();
}
