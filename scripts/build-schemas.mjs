// Writes src/generated/: the policy validator as standalone code (compiling a schema costs a cold start 40 ms) and the built-in
// policies as text, so that neither is looked up in the file system at run time.
import { build } from 'esbuild';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

/** Leaves an unchanged file alone, so that watchers and parallel test runs do not see it flicker. */
function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}

export async function buildSchemas() {
  mkdirSync('src/generated', { recursive: true });
  const schema = JSON.parse(readFileSync('rulesets/schema/policy.schema.json', 'utf8'));
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strictTypes: false,
    code: { source: true, esm: true },
  });
  const code = standaloneCode(ajv, ajv.compile(schema));
  // The standalone code requires ajv's small runtime; bundling it makes the module self-contained.
  const bundled = await build({
    stdin: { contents: code, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    legalComments: 'none',
    logLevel: 'warning',
  });
  writeIfChanged('src/generated/validate-policy.js', bundled.outputFiles[0].text);
  writeIfChanged(
    'src/generated/validate-policy.d.ts',
    `import type { ErrorObject } from 'ajv';

/** Checks a parsed policy against rulesets/schema/policy.schema.json; \`errors\` holds what the last call found. */
export declare const validate: {
  (data: unknown): boolean;
  errors?: ErrorObject[] | null;
};
`,
  );

  const policies = readdirSync('rulesets/policies')
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => [name.slice(0, -'.yaml'.length), readFileSync(`rulesets/policies/${name}`, 'utf8')]);
  writeIfChanged(
    'src/generated/built-in-policies.ts',
    `/** rulesets/policies/*.yaml by name. */
export const builtInPolicyTexts: ReadonlyMap<string, string> = new Map(${JSON.stringify(policies, null, 2)});
`,
  );
}
