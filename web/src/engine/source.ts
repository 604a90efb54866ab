/** The file of an experiment, to read. Fetched when it is asked for, with the list of all of them. */
export async function sourceOf(experiment: string): Promise<string> {
  const { sources } = await import('virtual:experiments');
  const source = sources[experiment];
  if (!source) throw new Error(`no source of ${experiment}`);
  return source();
}
