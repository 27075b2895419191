import type { EntryPoint, Firewall } from '../model/firewall.ts';
import { Shape } from './shape.ts';

/** Some rule that the entry point's packets can meet sets the packet mark, so the mark is known from 0 on. */
export function markIsTracked(firewall: Firewall, entry: EntryPoint): boolean {
  return new Shape(firewall, entry, []).changed.has('mark');
}
