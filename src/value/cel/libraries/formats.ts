import { checkDns1035Label, checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from "../../names.ts";
import { noneOf, registerNamespace, someOf } from "../engine.ts";
import type { Environment } from "../engine.ts";

/** A named form of texts. */
class CelFormat {
  readonly name: string;
  readonly check: (text: string) => readonly string[];

  constructor(name: string, check: (text: string) => readonly string[]) {
    this.name = name;
    this.check = check;
  }
}

/** A name that may go on with a generated ending: a dash at its end is allowed. */
function asPrefix(check: (text: string) => readonly string[]): (text: string) => readonly string[] {
  return (text) => check(text.endsWith("-") ? `${text.slice(0, -1)}a` : text);
}

function byPattern(pattern: RegExp, problem: string): (text: string) => readonly string[] {
  return (text) => (pattern.test(text) ? [] : [problem]);
}

const formats: readonly CelFormat[] = [
  new CelFormat("dns1123Label", checkDnsLabel), new CelFormat("dns1123Subdomain", checkDnsSubdomain), new CelFormat("dns1035Label", checkDns1035Label),
  new CelFormat("qualifiedName", checkQualifiedName), new CelFormat("labelValue", checkLabelValue),
  new CelFormat("dns1123LabelPrefix", asPrefix(checkDnsLabel)), new CelFormat("dns1123SubdomainPrefix", asPrefix(checkDnsSubdomain)), new CelFormat("dns1035LabelPrefix", asPrefix(checkDns1035Label)),
  new CelFormat("uri", (text) => (URL.canParse(text) || text.startsWith("/") ? [] : ["invalid URL format"])),
  new CelFormat("uuid", byPattern(/^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/, "does not match the UUID format")),
  new CelFormat("byte", byPattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, "invalid base64")),
  new CelFormat("date", (text) => (isTime(`${text}T00:00:00Z`) ? [] : ["invalid date"])),
  new CelFormat("datetime", (text) => (isTime(text) ? [] : ["invalid datetime"])),
];

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** `format.dns1123Label().validate("x")`. @see kubernetes apiserver pkg/cel/library/format.go */
export function registerFormats(environment: Environment): void {
  const type = "kubernetes.NamedFormat";
  registerNamespace(environment, "format", "FormatNamespace");
  environment
    .registerType(type, { ctor: CelFormat })
    .registerFunction(`FormatNamespace.named(string): optional<${type}>`, (_format: object, name: string) => {
      const found = formats.find((format) => format.name === name);
      return found === undefined ? noneOf() : someOf(found);
    })
    // A value that may be absent is never null, but may be compared with it.
    .registerOperator("optional<dyn> == null", () => false)
    .registerFunction(`${type}.validate(string): optional<list<string>>`, ({ check }: CelFormat, text: string) => {
      const problems = check(text);
      return problems.length === 0 ? noneOf() : someOf([...problems]);
    });
  for (const format of formats) environment.registerFunction(`FormatNamespace.${format.name}(): ${type}`, () => format);
}
