/** The bytes of text in which each character stands for one. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/**
 * What a parser says of every beginning of the bytes, the longest included: each different answer once, in the order
 * of length. "Not complete yet" is no answer.
 */
export function atEverySplit<Answer>(bytes: Buffer, parse: (to: number) => Answer | undefined): readonly Answer[] {
  const answers = new Set<Answer>();
  for (let to = 0; to <= bytes.length; to++) {
    const answer = parse(to);
    if (answer !== undefined) answers.add(answer);
  }
  return [...answers];
}
