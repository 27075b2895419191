import type { EntryPoint, Hook, Stage } from './firewall.ts';

/** The order in which a packet meets the hooks of its path (netfilter). */
const hookOrder: readonly Hook[] = ['ingress', 'prerouting', 'output', 'input', 'forward', 'postrouting'];

/** The entry point's stages as a packet meets them: by hook, then by priority; ties keep the listed order. */
export function stagesInOrder(entry: EntryPoint): readonly Stage[] {
  return [...entry.stages].sort(
    (a, b) =>
      hookOrder.indexOf(a.hook) - hookOrder.indexOf(b.hook) ||
      a.priority - b.priority ||
      (a.kind === 'nat' && b.kind === 'nat'
        ? (a.natPriority ?? a.priority) - (b.natPriority ?? b.priority)
        : 0),
  );
}

/** The hook comes before the host decides where a packet goes. */
export function isBeforeRouting(hook: Hook): boolean {
  return hook === 'ingress' || hook === 'prerouting';
}
