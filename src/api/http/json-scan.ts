/** What a look through a JSON text finds that JSON.parse does not tell. */
export interface JsonScan {
  /** Paths of members that stand twice in one object, `spec.containers[0].name`, in order. */
  readonly duplicates: readonly string[];
  readonly isTooDeep: boolean;
  /** True when a member is called `__proto__`: refused, since no field or sensible key has this name. */
  readonly hasPrototypeKey: boolean;
}

/** At most this many duplicates are reported; more would only fill a warning header. */
const duplicatesMax = 20;

/** One open object or list while scanning. */
interface Level {
  readonly keys: Set<string> | undefined;
  /** Path of the value that is open here. */
  readonly path: string;
  key: string;
  index: number;
}

/**
 * Looks through a text that JSON.parse accepts, without building values. Linear in the text.
 *
 * @param depthMax levels of objects and lists allowed
 * @param onMember told of the path of every member, in order
 */
export function scanJson(text: string, depthMax: number, onMember?: (path: string) => void): JsonScan {
  const duplicates: string[] = [];
  const levels: Level[] = [];
  let hasPrototypeKey = false;
  let expectsKey = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    const top = levels.at(-1);
    if (char === "{" || char === "[") {
      if (levels.length >= depthMax) return { duplicates, isTooDeep: true, hasPrototypeKey };
      levels.push({ keys: char === "{" ? new Set() : undefined, path: top === undefined ? "" : placeIn(top), key: "", index: 0 });
      expectsKey = char === "{";
    } else if (char === "}" || char === "]") {
      levels.pop();
      expectsKey = false;
    } else if (char === ",") {
      if (top?.keys === undefined) { if (top !== undefined) top.index += 1; } else expectsKey = true;
    } else if (char === "\"") {
      const end = endOfString(text, i);
      if (expectsKey && top?.keys !== undefined) {
        top.key = keyOf(text.slice(i, end + 1));
        if (top.key === "__proto__") hasPrototypeKey = true;
        onMember?.(placeIn(top));
        if (top.keys.has(top.key) && duplicates.length < duplicatesMax) duplicates.push(placeIn(top));
        top.keys.add(top.key);
        expectsKey = false;
      }
      i = end;
    }
  }
  return { duplicates, isTooDeep: false, hasPrototypeKey };
}

/** The place of the quote that ends the string whose first one stands at `start`; the end of the text where there is none. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf("\"", start + 1);
  while (end > 0) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf("\"", end + 1);
  }
  return text.length;
}

function keyOf(quoted: string): string {
  return quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

function placeIn(level: Level): string {
  if (level.keys === undefined) return `${level.path}[${level.index}]`;
  return level.path === "" ? level.key : `${level.path}.${level.key}`;
}
