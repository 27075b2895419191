import { nearestName } from '../policy/nearest-name.ts';
import { commands } from './command-table.ts';

/** The command that a mistyped file name may have meant. */
export function nearestCommand(word: string): string | undefined {
  return nearestName(
    word,
    commands.map(({ name }) => name),
  );
}
