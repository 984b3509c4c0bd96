import { FunctionFault } from "../fault.ts";
import { goFunction } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { int, int64, Struct } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { compareVersions, matchesVersion, parseVersion, printVersion } from "../version.ts";
import type { Version } from "../version.ts";

/** Semantic versions, as Masterminds' library. */
export const versionFunctions: readonly GoFunction[] = [
  goFunction("semver", ["string"], ([text]) => structOf(read(text))),
  goFunction("semverCompare", ["string", "string"], ([range, version]) => {
    read(version);
    const answer = matchesVersion(range, version);
    if (answer === undefined) throw new FunctionFault(`improper constraint: ${range}`);
    return answer;
  }),
];

function read(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw new FunctionFault(`invalid semantic version ${JSON.stringify(text)}`);
  return version;
}

class VersionStruct extends Struct {
  readonly version: Version;
  constructor(version: Version) {
    const compare = (other: GoValue): number => (other instanceof VersionStruct ? Math.sign(compareVersions(version, other.version)) : 0);
    super("*semver.Version", {
      text: () => printVersion(version),
      methods: {
        Major: () => int64(version.major), Minor: () => int64(version.minor), Patch: () => int64(version.patch),
        Prerelease: () => version.prerelease, Metadata: () => version.metadata, Original: () => version.original, String: () => printVersion(version),
        Compare: ([other]) => int(compare(other)), Equal: ([other]) => compare(other) === 0, LessThan: ([other]) => compare(other) < 0, GreaterThan: ([other]) => compare(other) > 0,
        IncMajor: () => structOf({ ...version, major: version.major + 1, minor: 0, patch: 0, prerelease: "", metadata: "" }),
        IncMinor: () => structOf({ ...version, minor: version.minor + 1, patch: 0, prerelease: "", metadata: "" }),
        IncPatch: () => structOf({ ...version, patch: version.prerelease === "" ? version.patch + 1 : version.patch, prerelease: "", metadata: "" }),
      },
    });
    this.version = version;
  }
}

function structOf(version: Version): Struct {
  return new VersionStruct(version);
}
