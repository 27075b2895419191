/** Codes that only iptables inputs raise. */
export const iptablesCodes = {} as const;
