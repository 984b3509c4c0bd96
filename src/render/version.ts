/** A semantic version, read as leniently as Helm's library does: `v1`, `1.2`, `1.2.3-rc.1+build`. */
export interface Version {
  readonly original: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: string;
  readonly metadata: string;
}

const versionShape = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** Reads a version; undefined for what is none. */
export function parseVersion(text: string): Version | undefined {
  const match = versionShape.exec(text.trim());
  if (match === null) return undefined;
  const [, major = "0", minor = "0", patch = "0", prerelease = "", metadata = ""] = match;
  return { original: text, major: Number(major), minor: Number(minor), patch: Number(patch), prerelease, metadata };
}

/** The version as its parts say, `1.2.3-rc.1+build`. */
export function printVersion({ major, minor, patch, prerelease, metadata }: Version): string {
  return `${major}.${minor}.${patch}${prerelease === "" ? "" : `-${prerelease}`}${metadata === "" ? "" : `+${metadata}`}`;
}

/** Below 0, 0 or above 0, by semver.org's precedence; metadata does not count. */
export function compareVersions(left: Version, right: Version): number {
  return left.major - right.major || left.minor - right.minor || left.patch - right.patch || comparePrereleases(left.prerelease, right.prerelease);
}

function comparePrereleases(left: string, right: string): number {
  if (left === right) return 0;
  if (left === "" || right === "") return left === "" ? 1 : -1;
  const a = left.split(".");
  const b = right.split(".");
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = compareIdentifiers(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(left: string | undefined, right: string | undefined): number {
  if (left === right) return 0;
  if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
  const isLeftNumber = /^\d+$/.test(left);
  const isRightNumber = /^\d+$/.test(right);
  if (isLeftNumber && isRightNumber) return Number(left) - Number(right);
  if (isLeftNumber || isRightNumber) return isLeftNumber ? -1 : 1;
  return left < right ? -1 : 1;
}

/** One comparison of a range. */
interface Constraint {
  readonly operator: string;
  readonly version: Version;
  readonly isMinorOpen: boolean;
  readonly isPatchOpen: boolean;
  readonly isOpen: boolean;
}

const part = "(\\d+|[xX*])";
const operand = `v?${part}(?:\\.${part})?(?:\\.${part})?(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z.-]+)?`;
const comparison = new RegExp(`^\\s*(=|!=|>|<|>=|=>|<=|=<|~|~>|\\^|)\\s*${operand}\\s*`);
const hyphenRange = new RegExp(`\\s*(${operand})\\s+-\\s+(${operand})\\s*`, "g");

/** Whether a version lies in a range of Helm's library (`>=1.20-0 <2 || ^3`, `1.2 - 1.4`, `~1.x`), or undefined when one of them cannot be read. */
export function matchesVersion(range: string, version: string): boolean | undefined {
  const parsed = parseVersion(version);
  const groups = parseRange(range);
  if (parsed === undefined || groups === undefined) return undefined;
  return groups.some((group) => group.every((constraint) => satisfies(parsed, constraint)));
}

function parseRange(range: string): readonly (readonly Constraint[])[] | undefined {
  const groups: (readonly Constraint[])[] = [];
  for (const text of range.replaceAll(hyphenRange, (_whole, from: string, ...rest: readonly unknown[]) => ` >=${from} <=${String(rest[4])} `).split("||")) {
    const group = parseGroup(text);
    if (group === undefined) return undefined;
    groups.push(group);
  }
  return groups;
}

function parseGroup(text: string): readonly Constraint[] | undefined {
  const constraints: Constraint[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const match = comparison.exec(rest);
    if (match === null) return undefined;
    constraints.push(constraintOf(match));
    rest = rest.slice(match[0].length).replace(/^,\s*/, "");
  }
  return constraints.length === 0 ? undefined : constraints;
}

function constraintOf([, operator = "", major = "", minor, patch, prerelease = ""]: RegExpExecArray): Constraint {
  const isWild = (text: string | undefined): boolean => text === undefined || /^[xX*]$/.test(text);
  const number = (text: string | undefined): number => (isWild(text) ? 0 : Number(text));
  const isOpen = isWild(major);
  const isMinorOpen = isOpen || isWild(minor);
  return {
    operator, isOpen, isMinorOpen, isPatchOpen: isMinorOpen || isWild(patch),
    version: { original: "", major: number(major), minor: isOpen ? 0 : number(minor), patch: isMinorOpen ? 0 : number(patch), prerelease, metadata: "" },
  };
}

/** A pre-release only matches constraints that name one, as everywhere. */
function satisfies(version: Version, constraint: Constraint): boolean {
  const { operator, version: bound, isOpen, isMinorOpen, isPatchOpen } = constraint;
  const isUnwantedPrerelease = version.prerelease !== "" && bound.prerelease === "";
  if (operator === "!=") {
    if (isUnwantedPrerelease) return false;
    if (!isPatchOpen) return compareVersions(version, bound) !== 0;
    return isOpen ? false : version.major !== bound.major || (!isMinorOpen && version.minor !== bound.minor);
  }
  if (isUnwantedPrerelease) return false;
  const order = compareVersions(version, bound);
  switch (operator) {
    case "": case "=": return isPatchOpen ? isWithinTilde(version, constraint) : order === 0;
    case ">": return isAbove(version, constraint);
    case "<": return order < 0;
    case ">=": case "=>": return order >= 0;
    case "<=": case "=<": return isPatchOpen ? isOpen || version.major < bound.major || (version.major === bound.major && (isMinorOpen || version.minor <= bound.minor)) : order <= 0;
    case "^": return order >= 0 && isWithinCaret(version, constraint);
    default: return isWithinTilde(version, constraint);
  }
}

function isAbove(version: Version, { version: bound, isOpen, isMinorOpen, isPatchOpen }: Constraint): boolean {
  if (!isPatchOpen) return compareVersions(version, bound) > 0;
  if (isOpen) return false;
  return version.major > bound.major || (!isMinorOpen && version.major === bound.major && version.minor > bound.minor);
}

function isWithinTilde(version: Version, { version: bound, isOpen, isMinorOpen }: Constraint): boolean {
  if (isOpen) return true;
  if (compareVersions(version, bound) < 0 || version.major !== bound.major) return false;
  return isMinorOpen || version.minor === bound.minor;
}

function isWithinCaret(version: Version, { version: bound, isOpen, isMinorOpen, isPatchOpen }: Constraint): boolean {
  if (isOpen) return true;
  if (bound.major > 0 || isMinorOpen) return version.major === bound.major;
  if (version.major > 0) return false;
  if (bound.minor > 0 || isPatchOpen) return version.minor === bound.minor;
  return version.minor === 0 && version.patch === bound.patch;
}
