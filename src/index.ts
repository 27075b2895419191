/** The library: the same pure functions that the command line runs. */
export { audit, type AuditOptions } from './audit.ts';
export { diff, type DiffOptions, type DiffSide } from './diff.ts';
export { lint } from './lint.ts';
export { BadQuery, createQuery, type Query, type QueryAnswer, type QueryPacket } from './query.ts';
export { decode } from './source/decode.ts';
export type { Source } from './source/source.ts';
export type * from './report/difference.ts';
export type * from './report/report.ts';
