import { evaluate, type Evaluation } from '../../src/analysis/evaluate.ts';
import { TooComplex } from '../../src/packets/bdd.ts';

/**
 * `evaluate`, or undefined where it says that the sets do not fit: a few random firewalls entangle many translations and open
 * questions. A property that uses it counts them, and fails where they are more than a few.
 */
export function evaluatedOrRefused(...args: Parameters<typeof evaluate>): Evaluation | undefined {
  try {
    return evaluate(...args);
  } catch (error) {
    if (error instanceof TooComplex) return undefined;
    throw error;
  }
}
