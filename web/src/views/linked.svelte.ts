/**
 * What the reader points at, so that pictures of the same thing light up together: a formula's term and the picture of its
 * value, a token in one strip and in the next. There is one pointer, so there is one of these.
 */
class Linked {
  /** Name of the output under the pointer or the focus. */
  value = $state<string | undefined>();
  /** A token: the text it was cut from and the characters it covers there. */
  token = $state.raw<{ source: string; begin: number; end: number } | undefined>();

  touches(source: string, begin: number, end: number): boolean {
    const token = this.token;
    return token !== undefined && token.source === source && token.begin < end && begin < token.end;
  }
}

export const linked = new Linked();
