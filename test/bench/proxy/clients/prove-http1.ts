const AT_ONCE = 64;

/**
 * Whether a proxy answers GET requests over HTTP/1.1 with what the endpoint said. h2load cannot tell where the answer
 * came over HTTP/2 before: it takes a status line without a reason, as HAProxy writes it then, for no status.
 *
 * @throws Error in words, when one answer is not as it has to be
 */
export async function proveHttp1(path: string, answer: Buffer, count: number, port: number): Promise<void> {
  let begun = 0;
  async function goOn(): Promise<void> {
    while (begun < count) {
      begun++;
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (response.status !== 200) throw new Error(`answered ${response.status} over HTTP/1.1`);
      if (!bytes.equals(answer)) throw new Error(`answered ${bytes.length} bytes that are not the endpoint's`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, goOn));
}
