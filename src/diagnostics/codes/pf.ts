/** Codes that only pf inputs raise. */
export const pfCodes = {} as const;
