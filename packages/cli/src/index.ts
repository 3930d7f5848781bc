/** Runs one command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  return args.length;
}
