const labelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`;
const dns1035Format = "[a-z]([-a-z0-9]*[a-z0-9])?";
const qualifiedFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const configKeyFormat = "[-._a-zA-Z0-9]+";

/** RFC 1123: one label of a host name. */
export const labelLengthMax = 63;
/** RFC 1123: a host name. */
export const subdomainLengthMax = 253;
/** RFC 6335: a service name. */
export const portNameLengthMax = 15;

const labelPattern = whole(labelFormat);
const subdomainPattern = whole(subdomainFormat);
const qualifiedPattern = whole(qualifiedFormat);

const nothing: readonly string[] = Object.freeze([]);

const qualifiedMessage = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** What a name must look like, and what is said of one that does not. */
interface NameForm {
  readonly lengthMax: number;
  readonly pattern: RegExp;
  readonly message: string;
}

const dnsLabel: NameForm = {
  lengthMax: labelLengthMax, pattern: labelPattern,
  message: patternMessage("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", labelFormat, ["my-name", "123-abc"]),
};

const dnsSubdomain: NameForm = {
  lengthMax: subdomainLengthMax, pattern: subdomainPattern,
  message: patternMessage("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", subdomainFormat, ["example.com"]),
};

const dns1035Label: NameForm = {
  lengthMax: labelLengthMax, pattern: whole(dns1035Format),
  message: patternMessage("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", dns1035Format, ["my-name", "abc-123"]),
};

const labelValue: NameForm = {
  lengthMax: labelLengthMax, pattern: whole(`(${qualifiedFormat})?`),
  message: patternMessage("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", `(${qualifiedFormat})?`, ["MyValue", "my_value", "12345"]),
};

const configKey: NameForm = {
  lengthMax: subdomainLengthMax, pattern: whole(configKeyFormat),
  message: patternMessage("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", configKeyFormat, ["key.name", "KEY_NAME", "key-name"]),
};

/**
 * What is wrong with a name, in Kubernetes' words; nothing when it is right. The same form answers every check of this file.
 * @see kubernetes apimachinery pkg/util/validation/validation.go
 */
export function checkDnsLabel(text: string): readonly string[] {
  return checkForm(text, dnsLabel);
}

/** Checks a DNS-1123 subdomain: the name of most objects. */
export function checkDnsSubdomain(text: string): readonly string[] {
  return checkForm(text, dnsSubdomain);
}

/** Checks a DNS-1035 label. */
export function checkDns1035Label(text: string): readonly string[] {
  return checkForm(text, dns1035Label);
}

/** Checks the value of a label. */
export function checkLabelValue(text: string): readonly string[] {
  return checkForm(text, labelValue);
}

function checkForm(text: string, { lengthMax, pattern, message }: NameForm): readonly string[] {
  // The pattern takes ASCII alone: its characters are its bytes.
  if (text.length <= lengthMax && pattern.test(text)) return nothing;
  return [...checkLength(text, lengthMax), ...checkPattern(text, pattern, message)];
}

/** Checks `[prefix/]name`: keys of labels, annotations, taints, conditions, finalizers. */
export function checkQualifiedName(text: string): readonly string[] {
  if (isQualifiedName(text)) return nothing;
  const parts = text.split("/");
  const errors: string[] = [];
  const name = parts.at(-1) ?? "";
  if (parts.length > 2) {
    return [`a qualified name ${patternMessage(qualifiedMessage, qualifiedFormat, ["MyName", "my.name", "123-abc"])} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? "";
    if (prefix === "") errors.push("prefix part must be non-empty");
    else errors.push(...checkDnsSubdomain(prefix).map((message) => `prefix part ${message}`));
  }
  if (name === "") errors.push("name part must be non-empty");
  else errors.push(...checkLength(name, labelLengthMax).map((message) => `name part ${message}`));
  errors.push(...checkPattern(name, qualifiedPattern, `name part ${patternMessage(qualifiedMessage, qualifiedFormat, ["MyName", "my.name", "123-abc"])}`));
  return errors;
}

/** What the check below would find nothing wrong with. */
function isQualifiedName(text: string): boolean {
  const slash = text.indexOf("/");
  const name = slash < 0 ? text : text.slice(slash + 1);
  return name.length <= labelLengthMax && qualifiedPattern.test(name) && (slash < 0 || (slash <= subdomainLengthMax && subdomainPattern.test(text.slice(0, slash))));
}

/** Checks the name of an environment variable: printable ASCII but `=`, as since Kubernetes 1.30. */
export function checkEnvName(text: string): readonly string[] {
  return /^[ -<>-~]+$/.test(text) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Checks a key of a ConfigMap's or Secret's data. */
export function checkConfigKey(text: string): readonly string[] {
  const errors = checkForm(text, configKey);
  if (text === "." || text === "..") return [...errors, `must not be '${text}'`];
  return text.startsWith("..") ? [...errors, "must not start with '..'"] : errors;
}

/** Checks a name that becomes one segment of a URL path. */
export function checkPathSegment(text: string): readonly string[] {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return ["/", "%"].filter((part) => text.includes(part)).map((part) => `may not contain '${part}'`);
}

/** Checks the name of a port (IANA service name). */
export function checkPortName(text: string): readonly string[] {
  const errors: string[] = [];
  if (text.length > portNameLengthMax) errors.push(`must be no more than ${portNameLengthMax} characters`);
  if (!/^[-a-z0-9]+$/.test(text)) errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(text)) errors.push("must contain at least one letter (a-z)");
  if (text.includes("--")) errors.push("must not contain consecutive hyphens");
  if (text.startsWith("-") || text.endsWith("-")) errors.push("must not begin or end with a hyphen");
  return errors;
}

/** Checks a port number. */
export function checkPortNumber(port: number): readonly string[] {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? [] : ["must be between 1 and 65535, inclusive"];
}

function whole(format: string): RegExp {
  return new RegExp(`^${format}$`);
}

function checkLength(text: string, lengthMax: number): readonly string[] {
  return Buffer.byteLength(text) > lengthMax ? [`must be no more than ${lengthMax} characters`] : [];
}

function checkPattern(text: string, pattern: RegExp, message: string): readonly string[] {
  return pattern.test(text) ? [] : [message];
}

/** Kubernetes' form: the examples are separated by two blanks, since clients compare the text. */
function patternMessage(message: string, format: string, examples: readonly string[]): string {
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(" or ")}regex used for validation is '${format}')`;
}
