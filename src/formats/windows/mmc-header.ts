import { delimiterOf } from './delimiter.ts';

/** Columns of the console's rule list, by what they are called in its "Export List" files. */
const columns = [
  'name',
  'group',
  'profile',
  'enabled',
  'action',
  'override',
  'direction',
  'program',
  'local address',
  'remote address',
  'protocol',
  'local port',
  'remote port',
  'authorized users',
  'authorized computers',
  'authorized local principals',
  'local user owner',
  'application package',
] as const;

/** Whether a header line is the console's. */
export function isMmcHeader(line: string): boolean {
  const words = line.split(delimiterOf(line)).map((word) => word.trim().toLowerCase());
  const known = columns.filter((column) => words.includes(column));
  return (
    known.length >= 6 && known.includes('name') && known.includes('action') && known.includes('local port')
  );
}
