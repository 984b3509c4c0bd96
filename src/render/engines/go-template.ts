import type { EngineOutput, EngineOutside, EngineResult, EngineScope, TemplateEngine } from "../engine.ts";
import { faultAt, RenderFault } from "../fault.ts";
import { helmFunctions } from "../helm-functions.ts";
import { problemCountMax } from "../limits.ts";
import type { RenderProblem } from "../render.ts";
import { Execution } from "../template/execution.ts";
import { parseTemplate } from "../template/parser.ts";
import type { Trace } from "../origins/trace.ts";
import { noValue } from "../template/print.ts";
import { goMap, isMap } from "../template/value.ts";
import type { GoMap } from "../template/value.ts";
import { goReads } from "./_go-reads.ts";
import { helmScope } from "./_helm-scope.ts";

/** Helm's charts: every file under `templates/` is a Go template. */
export const goTemplateEngine: TemplateEngine = {
  name: "Helm",
  sourceType: "Helm",
  reads: (file) => !file.endsWith(".hbs"),
  valueReads({ file, text }) {
    try {
      return goReads(parseTemplate(file, text, () => true));
    } catch (error) {
      throw faultAt({ file }, error instanceof Error ? error.message : String(error));
    }
  },
  render(scopes, root, { facts, trace, limits, begin }) {
    const execution = new Execution({ functions: helmFunctions, missingKey: "zero", facts, limits, ...(trace === undefined ? {} : { tracer: trace }) });
    const problems: RenderProblem[] = [];
    const entries = entriesOf(scopes, root, trace);
    for (const { name, file, text } of entries) attempt(file, problems, () => { begin(file); execution.add(name, file, text); });
    // What a broken file defines would be missing everywhere, and hide what is wrong.
    return problems.length > 0 ? { outputs: [], problems } : run(entries, execution, { trace, begin });
  },
};

interface Entry {
  /** As Helm names it, `shop/charts/redis/templates/service.yaml`. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly isPartial: boolean;
  readonly basePath: string;
  readonly data: GoMap;
}

/** Every template of the tree in Helm's order: the deepest charts first, later names before earlier ones, so that a parent's definitions win. */
function entriesOf(scopes: readonly EngineScope[], root: EngineScope, trace: Trace | undefined): readonly Entry[] {
  const known = new Map<EngineScope, GoMap>();
  helmScope(root, true, known);
  if (trace !== undefined) for (const [scope, data] of known) traceFacts(data, scope, trace);
  const entries = scopes.flatMap((scope) => {
    const data = known.get(scope) ?? goMap();
    const basePath = `${scope.chartPath}/templates`;
    const entry = (isPartial: boolean) => ({ file, text }: { readonly file: string; readonly text: string }): Entry => ({ name: `${scope.chartPath}/${file.slice(scope.folder.length)}`, file, text, isPartial, basePath, data });
    return [...scope.templates.map(entry(false)), ...scope.partials.map(entry(true))];
  });
  const depth = (name: string): number => name.split("/").length;
  return entries.toSorted((left, right) => depth(right.name) - depth(left.name) || (left.name < right.name ? 1 : -1));
}

function run(entries: readonly Entry[], execution: Execution, { trace, begin }: Pick<EngineOutside, "trace" | "begin">): EngineResult {
  const outputs: EngineOutput[] = [];
  const problems: RenderProblem[] = [];
  for (const { name, file, isPartial, basePath, data } of entries) {
    if (isPartial) continue;
    if (problems.length >= problemCountMax) break;
    begin(file);
    data["Template"] = goMap([["Name", name], ["BasePath", basePath]]);
    trace?.begin("helm");
    attempt(file, problems, () => { outputs.push({ file, text: execution.run(name, data).replaceAll(noValue, ""), plainValues: [] }); });
  }
  return { outputs: outputs.toSorted((left, right) => (left.file < right.file ? -1 : 1)), problems };
}

/** What is known of the release and the chart, with names. */
function traceFacts(data: GoMap, { folder }: EngineScope, trace: Trace): void {
  for (const name of ["Release", "Chart"]) {
    const map = data[name];
    if (isMap(map)) for (const key of Object.keys(map)) map[key] = trace.known(folder === "" ? `${name}.${key}` : `${name}.${key} of ${folder}Chart.yaml`, map[key]);
  }
}

/** Runs `work`; whatever goes wrong while one file renders is that file's problem, and the others go on. */
function attempt(file: string, problems: RenderProblem[], work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof RenderFault) problems.push(error.problem);
    else if (error instanceof RangeError) problems.push({ message: "the template is nested too deeply, calls itself without end, or makes a text without end", place: { file } });
    else throw error;
  }
}
