import type { Family } from '../packets/fields.ts';
import type { Listener, Location } from '../report/report.ts';

/** A socket that waits for others, as a list of the host's own tools shows it. */
export interface HostListener extends Listener {
  /** The families it answers. A dual-stack socket has both. */
  readonly families: readonly Family[];
  /** Bound to 127.0.0.0/8, ::1 or the loopback interface: nobody else can reach it. */
  readonly loopback: boolean;
  /** Bound to every address of its families. */
  readonly wildcard: boolean;
  /** The list has a place for the process's name; false where the command shows none at all. */
  readonly processShown: boolean;
  /** The line of the list. */
  readonly location: Location;
}

/** A listener before it has a place. */
export type FoundListener = Omit<HostListener, 'location'>;
