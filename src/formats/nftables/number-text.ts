/** strtoul with base 0, as nft's scanner reads numbers: `0x1f`, `017` (octal), `22`. Undefined if it is no number. */
export function parseNftNumber(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Dotted quad; an octet with a leading zero is octal (inet_aton by way of nft's scanner). */
export function parseNftIpv4(text: string): number | undefined {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let octets = 0;
  let octal = false;
  for (let i = 0; i <= text.length; i++) {
    const c = i === text.length ? 46 : text.charCodeAt(i);
    if (c === 46) {
      if (digits === 0 || octet > 255 || octets === 4) return undefined;
      value = value * 256 + octet;
      octets++;
      octet = 0;
      digits = 0;
      octal = false;
    } else {
      const digit = c - 48;
      if (digit < 0 || digit > 9 || (octal && digit > 7)) return undefined;
      if (digits === 0 && digit === 0) octal = true;
      octet = octet * (octal ? 8 : 10) + digit;
      digits++;
    }
  }
  return octets === 4 ? value : undefined;
}
