/** Codes that only nftables inputs raise. */
export const nftablesCodes = {} as const;
