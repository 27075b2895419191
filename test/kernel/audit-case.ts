import { audit, type AuditOptions } from '../../src/audit.ts';
import { createQuery, type Query } from '../../src/query.ts';
import type { Exposure } from '../../src/report/report.ts';
import type { Source } from '../../src/source/source.ts';
import { addressValue } from './addresses.ts';
import type { KernelCase } from './generate.ts';
import { localAddresses } from './topology.ts';

/** What the audit says of a case: it reads the texts that the kernel's tools load, and knows the device's addresses. */
export async function auditCase(
  kernelCase: KernelCase,
): Promise<{ readonly query: Query['query']; readonly exposures: readonly Exposure[] | undefined }> {
  const { beside } = kernelCase;
  const rules = [kernelCase, ...(beside === undefined ? [] : [beside])].map(({ kind, text }, id): Source => {
    // A dump without a header tells its family by the file's name alone.
    const path = kind === 'nft' ? 'rules.nft' : kernelCase.family === 'ipv4' ? 'rules.v4' : 'rules.v6';
    return { id, path, text, encoding: 'utf-8' };
  });
  const sets: Source = { id: rules.length, path: 'ipset.save', text: kernelCase.sets, encoding: 'utf-8' };
  const options: AuditOptions = {
    host: true,
    ...(kernelCase.sets === '' ? {} : { ipsets: [sets] }),
    localAddresses: localAddresses.flatMap(({ name, ipv4, ipv6 }) =>
      [ipv4, ipv6].map((address) => {
        const value = addressValue(address);
        return {
          interface: name,
          family: address === ipv4 ? 'ipv4' : 'ipv6',
          range: [value, value],
        } as const;
      }),
    ),
  };
  const { query } = await createQuery(rules, options);
  return { query, exposures: kernelCase.hasRows ? (await audit(rules, options)).exposures : undefined };
}
