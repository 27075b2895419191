import type { RegistryStatus } from './port-table.ts';
import { lastRegisteredPort } from './port-table.ts';
import type { Registry } from './registry.ts';

/** What became of one port and transport. */
export interface RegistryChange {
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
  readonly before: { readonly status: RegistryStatus; readonly service?: string };
  readonly after: { readonly status: RegistryStatus; readonly service?: string };
}

/** Every TCP and UDP port whose status or service differs, ascending. */
export function compareRegistries(before: Registry, after: Registry): RegistryChange[] {
  const changes: RegistryChange[] = [];
  for (let port = 0; port <= lastRegisteredPort; port++) {
    for (const transport of ['tcp', 'udp'] as const) {
      const was = before.registryStatus(port, transport);
      const is = after.registryStatus(port, transport);
      if (was === is && (was !== 'assigned' || sameService(before, after, port, transport))) continue;
      changes.push({
        port,
        transport,
        before: side(before, port, transport),
        after: side(after, port, transport),
      });
    }
  }
  return changes;
}

function sameService(before: Registry, after: Registry, port: number, transport: 'tcp' | 'udp'): boolean {
  return before.statusOf(port, transport).service === after.statusOf(port, transport).service;
}

function side(registry: Registry, port: number, transport: 'tcp' | 'udp'): RegistryChange['before'] {
  const { service } = registry.statusOf(port, transport);
  return { status: registry.registryStatus(port, transport), ...(service !== undefined && { service }) };
}
