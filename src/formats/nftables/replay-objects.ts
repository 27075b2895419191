import type { ObjectSyntax } from '../../../grammars/nftables/syntax.ts';
import type { Reporter } from './reporter.ts';
import type { TableState } from './ruleset-state.ts';
import type { Scope } from './variables.ts';

export function objectKey(object: ObjectSyntax): string {
  return `${object.type} ${object.name}`;
}

/** What nft refuses of counters, flowtables, tunnels and other objects of a table. */
export function checkObject(object: ObjectSyntax, table: TableState, scope: Scope, reporter: Reporter): void {
  if (
    object.type === 'flowtable' &&
    !table.objects.has(objectKey(object)) &&
    /\{/.test(object.text) &&
    !/\bhook\b/.test(object.text)
  )
    reporter.refuse(`flowtable "${object.name}" has no "hook" and "priority"`, object.span);
  for (const [, name] of object.type === 'tunnel' ? object.text.matchAll(/\$(\w+)/g) : []) {
    if (scope.find(name!)?.kind === 'set')
      reporter.refuse(`a tunnel takes one address, $${name!} is a set`, object.span);
  }
}
