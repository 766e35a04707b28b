// Currencies whose smallest unit is the unit itself, as Stripe counts them; the API sells in no
// currency of three decimals.
const ZERO_DECIMAL = new Set(
  'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '),
);

function decimalsOf(currency: string): number {
  return ZERO_DECIMAL.has(currency) ? 0 : 2;
}

/** Whole minor units of an amount as the API writes it (`19.99`). */
export function toMinor(amount: number, currency: string): number {
  return Math.round(amount * 10 ** decimalsOf(currency));
}

const formats = new Map<string, Intl.NumberFormat>();

/** Words for an amount of minor units: `€19.99`. */
export function formatMoney(minor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    formats.set(currency, format);
  }
  return format.format(minor / 10 ** decimals);
}
