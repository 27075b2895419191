import type { FilterOption, Statement } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { SkippedInterface } from './settings.ts';

/** Assumed where a rule names the group `lo`. */
export const onlyLoopback = 'lo0 is the only loopback interface, so group lo means lo0';

/** Whether a rule or `set skip` is about the group `lo`, in whichever of the ways in which one can be. */
export function namesLoopbackGroup(
  statements: readonly Statement[],
  skipped: readonly SkippedInterface[],
): boolean {
  return skipped.some(({ name }) => name === group) || statements.some(isAboutGroup);
}

const group = 'lo';

function isGroup({ image }: PfToken): boolean {
  return image === group;
}

function isAboutGroup(statement: Statement): boolean {
  switch (statement.kind) {
    case 'filter':
    case 'anchor':
    case 'translation':
    case 'translation-anchor':
      if (statement.interfaces?.some(({ name, rdomain }) => !rdomain && isGroup(name)) === true) return true;
      if (statement.options.some(isReceivedOnGroup)) return true;
      break;
    case 'antispoof':
      return statement.targets.some(({ name }) => isGroup(name));
    default:
      break;
  }
  return 'body' in statement && statement.body?.some(isAboutGroup) === true;
}

function isReceivedOnGroup(option: FilterOption): boolean {
  return option.kind === 'received-on' && isGroup(option.name);
}
