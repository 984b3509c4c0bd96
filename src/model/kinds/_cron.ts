/** The fields of a schedule in order, with their bounds and names. @see robfig/cron ParseStandard, which upstream uses */
const fields: readonly { readonly name: string; readonly min: number; readonly max: number; readonly names?: readonly string[] }[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of month", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { name: "day of week", min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const descriptors: ReadonlySet<string> = new Set(["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]);

/** What is wrong with the schedule of a CronJob, in upstream's words; undefined when it reads. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === "") return "empty spec string";
  if (schedule.startsWith("@")) return descriptorProblem(schedule);
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== fields.length) return `expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(" ")}]`;
  for (const [index, field] of fields.entries()) {
    const problem = (parts[index] ?? "").split(",").map((expression) => rangeProblem(expression, field)).find((found) => found !== undefined);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function descriptorProblem(schedule: string): string | undefined {
  if (descriptors.has(schedule)) return undefined;
  const every = /^@every (?<span>.*)$/.exec(schedule)?.groups?.["span"];
  if (every === undefined) return `unrecognized descriptor: ${schedule}`;
  return /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(every) ? undefined : `failed to parse duration ${schedule}: time: invalid duration "${every}"`;
}

/** One of `*`, `?`, `a`, `a-b`, each with `/step`. */
function rangeProblem(expression: string, { min, max, names }: { readonly min: number; readonly max: number; readonly names?: readonly string[] }): string | undefined {
  const [range = "", step, ...tooMany] = expression.split("/");
  if (tooMany.length > 0) return `too many slashes: ${expression}`;
  const [low = "", high = low, ...more] = range.split("-");
  if (more.length > 0) return `too many hyphens: ${expression}`;
  if (step !== undefined && !/^\d+$/.test(step)) return `failed to parse int from ${step}: strconv.Atoi: parsing "${step}": invalid syntax`;
  if (step !== undefined && Number(step) === 0) return `step of range should be a positive number: ${expression}`;
  if (range === "*" || range === "?") return undefined;
  const numbers = [low, high].map((text) => {
    const named = (names ?? []).indexOf(text.toLowerCase());
    return named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : undefined;
  });
  const [start, end] = numbers;
  if (start === undefined || end === undefined) {
    const wrong = start === undefined ? low : high;
    return `failed to parse int from ${wrong}: strconv.Atoi: parsing "${wrong}": invalid syntax`;
  }
  if (start < min) return `beginning of range (${start}) below minimum (${min}): ${expression}`;
  if (end > max) return `end of range (${end}) above maximum (${max}): ${expression}`;
  return start > end ? `beginning of range (${start}) beyond end of range (${end}): ${expression}` : undefined;
}
