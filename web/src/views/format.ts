/** At most four significant digits; small and large numbers with an exponent. The exact value is one tap away. */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? exponential(value, digits) : String(Number(value.toPrecision(digits)));
  return text.replaceAll('-', '−');
}

function exponential(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
  return `${Number(mantissa)}e${Number(exponent)}`;
}

/** A count in full, its digits in groups of three: 8 388 608. */
export function wholeNumber(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) < 10000) return formatNumber(value);
  const digits = String(Math.abs(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return value < 0 ? `−${digits}` : digits;
}

/** All digits that tell this float from its neighbours. */
export function exactNumber(value: number, single: boolean): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  // Nine digits tell any two 32-bit floats apart, seventeen any two doubles.
  return String(Number(value.toPrecision(single ? 9 : 17)));
}
