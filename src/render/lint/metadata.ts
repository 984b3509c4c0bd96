import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { nearestName } from "../fault.ts";
import type { Finding, LintRule } from "../lint.ts";
import { parseVersion } from "../version.ts";

/** Fields of Chart.yaml. @see https://helm.sh/docs/topics/charts/#the-chartyaml-file */
const knownFields: ReadonlySet<string> = new Set(["apiVersion", "name", "version", "kubeVersion", "description", "type", "keywords", "home", "sources", "dependencies", "maintainers", "icon", "appVersion", "deprecated", "annotations", "condition", "tags"]);

/** As Helm checks names. @see helm pkg/chart/v2/metadata.go */
const namePattern = /^[a-zA-Z0-9._-]{1,250}$/;

/** Fields of Chart.yaml that Helm and people need. */
export const metadataRule: LintRule = {
  name: "metadata", finds: "missing, unknown or wrong fields of Chart.yaml",
  check({ chart, placeIn }) {
    const { metadata } = chart;
    const found: Omit<Finding, "rule">[] = [];
    const say = (level: Finding["level"], field: string, message: string): void => { found.push({ level, message, place: placeIn("Chart.yaml", [field]) }); };
    const { apiVersion, name, version, type, description, appVersion, dependencies } = metadata;
    if (apiVersion === undefined) say("error", "apiVersion", "apiVersion is missing; write apiVersion: v2");
    else if (apiVersion !== "v1" && apiVersion !== "v2") say("error", "apiVersion", `apiVersion is ${JSON.stringify(apiVersion)}; it must be v2`);
    if (!namePattern.test(name as string)) say("error", "name", "name may hold letters, digits, dots, underscores and dashes only");
    if (version === undefined) say("error", "version", "version is missing; write version: 0.1.0");
    else if (typeof version !== "string" || parseVersion(version) === undefined) say("error", "version", `version is ${JSON.stringify(version)}; it must be a semantic version, as "1.2.3"`);
    if (type !== undefined && type !== "application" && type !== "library") say("error", "type", "type must be application or library");
    if (typeof description !== "string" || description === "") say("warning", "description", "description is missing; say in one line what the chart runs");
    if (appVersion === undefined && type !== "library") say("warning", "appVersion", "appVersion is missing; it tells people which version of the program runs");
    else if (appVersion !== undefined && typeof appVersion !== "string") say("warning", "appVersion", "appVersion should be a text; put it in quotes");
    for (const field of Object.keys(metadata)) {
      const near = nearestName(field, knownFields);
      if (!knownFields.has(field)) say("warning", field, `Chart.yaml has no field ${field}${near === undefined ? "" : `; did you mean ${near}?`}`);
    }
    (Array.isArray(dependencies) ? (dependencies as readonly Json[]) : []).forEach((dependency, index) => {
      const fields = isJsonObject(dependency) ? dependency : {};
      for (const field of ["name", "version"]) {
        if (fields[field] === undefined) found.push({ level: "error", message: `the dependency ${JSON.stringify(fields["name"] ?? index)} has no ${field}`, place: placeIn("Chart.yaml", ["dependencies", index]) });
      }
    });
    return found;
  },
};
