import { parseDuration } from "../../value/duration.ts";
import { ipFamilyOf, isCidr } from "../../value/ip.ts";
import { isReadable } from "../../value/value-error.ts";

/**
 * The formats of texts that are checked; unknown ones say nothing.
 *
 * @see kubernetes kube-openapi pkg/validation/strfmt
 */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "bsonobjectid": (text) => /^[0-9a-fA-F]{24}$/.test(text),
  "uri": isUri,
  "email": (text) => /^[^\s@<>()[\]\\,;:"]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text),
  "hostname": isHostname,
  "ipv4": (text) => ipFamilyOf(text) === "IPv4",
  "ipv6": (text) => ipFamilyOf(text) === "IPv6",
  "cidr": isCidr,
  "mac": (text) => /^(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}(?:[0-9A-Fa-f]{2}\1[0-9A-Fa-f]{2}\1)?[0-9A-Fa-f]{2}$/.test(text) || /^(?:[0-9A-Fa-f]{4}\.){2,3}[0-9A-Fa-f]{4}$/.test(text),
  "uuid": (text) => /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/.test(text),
  "uuid3": (text) => uuidVersion(text) === "3",
  "uuid4": (text) => uuidVersion(text) === "4",
  "uuid5": (text) => uuidVersion(text) === "5",
  "isbn": (text) => isIsbn10(text) || isIsbn13(text),
  "isbn10": isIsbn10,
  "isbn13": isIsbn13,
  "creditcard": isCreditCard,
  "ssn": (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  "hexcolor": (text) => /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  "rgbcolor": (text) => /^rgb\(\s*(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])\s*,\s*){2}(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])\s*\)$/.test(text),
  "byte": (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  "date": isDate,
  "duration": isDuration,
  "date-time": (text) => /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text.toUpperCase())),
  "k8s-short-name": (text) => text.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(text),
  "k8s-long-name": (text) => text.length <= 253 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(text),
};

/** Whether a text has a format; true for formats nobody checks. Dashes in names of formats do not count, as upstream. */
export function hasFormat(format: string, text: string): boolean {
  const check = Object.hasOwn(formats, format) ? formats[format] : undefined;
  return check === undefined || check(text);
}

/** Whether values of the format are checked at all. */
export function isKnownFormat(format: string): boolean {
  return Object.hasOwn(formats, format);
}

function uuidVersion(text: string): string | undefined {
  return /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?([0-9])[0-9a-fA-F]{3}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/.exec(text)?.[1];
}

/** Go's ParseRequestURI: an absolute URI, or a path. */
function isUri(text: string): boolean {
  if (text.startsWith("/")) return !/[\s\p{Cc}]/u.test(text);
  return /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text) && URL.canParse(text);
}

function isHostname(text: string): boolean {
  if (text.length > 255 || text === "") return false;
  return text.split(".").every((label) => label.length <= 63 && /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label));
}

function isDate(text: string): boolean {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (found === null) return false;
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

function isDuration(text: string): boolean {
  return isReadable(() => parseDuration(text)) || /^\d+ ?(?:w|week|weeks|d|day|days|h|hour|hours|m|min|minute|minutes|s|sec|second|seconds|ms|us|ns)$/.test(text);
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[-\s]/g, "");
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  return sumOf(digits, (digit, index) => digit * (10 - index)) % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[-\s]/g, "");
  return /^\d{13}$/.test(digits) && sumOf(digits, (digit, index) => digit * (index % 2 === 0 ? 1 : 3)) % 10 === 0;
}

/** Luhn's sum. */
function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  if (!/^\d{13,19}$/.test(digits)) return false;
  return sumOf(Array.from(digits).toReversed().join(""), (digit, index) => (index % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0))) % 10 === 0;
}

function sumOf(digits: string, weight: (digit: number, index: number) => number): number {
  return Array.from(digits).reduce((sum, digit, index) => sum + weight(digit === "X" ? 10 : Number(digit), index), 0);
}
