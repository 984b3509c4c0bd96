/** The head of a CGI answer. */
export interface CgiHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** Where the body begins. */
  readonly bodyStart: number;
}

/** Reads the head of a CGI answer; undefined while it is not whole yet. @see RFC 3875 section 6 */
export function parseCgiHead(buffer: Buffer): CgiHead | undefined {
  const crlf = buffer.indexOf("\r\n\r\n");
  const lf = buffer.indexOf("\n\n");
  if (crlf < 0 && lf < 0) return undefined;
  const isCrlf = crlf >= 0 && (lf < 0 || crlf < lf);
  const end = isCrlf ? crlf : lf;
  let status = 200;
  const headers: (readonly [string, string])[] = [];
  for (const line of buffer.toString("latin1", 0, end).split(/\r?\n/u)) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else headers.push([name, value]);
  }
  return { status, headers, bodyStart: end + (isCrlf ? 4 : 2) };
}
