/** Longest line taken: one watch event of the largest object there can be, several times over. */
export const lineSizeMaxBytes = 16 * 1024 * 1024;

/** The lines of a byte stream, without their ends; empty ones are left out. Throws for a line that never ends. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let open: string[] = [];
  let openLength = 0;
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      const line = open.length === 0 ? part : open.join("") + part;
      open = [];
      openLength = 0;
      if (line !== "") yield line;
    }
    open.push(last);
    openLength += last.length;
    if (openLength > lineSizeMaxBytes) throw new Error(`a line has more than ${lineSizeMaxBytes} bytes`);
  }
  const line = open.join("");
  if (line !== "") yield line;
}
