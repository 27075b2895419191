/** Codes that only windows inputs raise. */
export const windowsCodes = {} as const;
