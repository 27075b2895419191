import type { ErrorObject } from 'ajv';
import { nearestName } from './nearest-name.ts';
import type { PolicyDiagnostic } from './policy-types.ts';
import type { PolicyYaml } from './policy-yaml.ts';

/** Turns the schema validator's errors into sentences with a place and what to write. One sentence a mistake. */
export function schemaDiagnostics(errors: readonly ErrorObject[], yaml: PolicyYaml): PolicyDiagnostic[] {
  return errors.flatMap((error) => {
    const path = pathOf(error.instancePath);
    const found = describe(error, path);
    if (found === undefined) return [];
    const at =
      error.keyword === 'additionalProperties'
        ? yaml.locate([...path, String(error.params['additionalProperty'])], 'key')
        : yaml.locate(path, 'value');
    return [{ severity: 'error', location: at, ...found } satisfies PolicyDiagnostic];
  });
}

/** JSON pointer to keys and indices. */
export function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));
}

type Description = Pick<PolicyDiagnostic, 'code' | 'message' | 'help'>;

function describe(error: ErrorObject, path: readonly (string | number)[]): Description | undefined {
  const subject = subjectOf(path);
  // The branches of "port or ports": their failure is reported once, by the anyOf itself.
  if (error.keyword === 'required' && error.schemaPath.includes('/anyOf/')) return undefined;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
      const near = nearestName(key, known);
      const kind = path[0] === 'severity' ? 'finding' : 'key';
      return {
        code: 'FW3003',
        message: `unknown ${kind} “${key}” in ${subject}`,
        help: near === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean “${near}”?`,
      };
    }
    case 'required': {
      const key = String(error.params['missingProperty']);
      return { code: 'FW3004', message: `${subject} has no “${key}”`, help: missingKeyHelp(key) };
    }
    case 'anyOf':
      return {
        code: 'FW3004',
        message: `${subject} names no ports`,
        help: 'Write ports: [443/tcp], or port: 53/udp.',
      };
    case 'type':
      return {
        code: 'FW3005',
        message: `${subject} must be ${typeInWords(String(error.params['type']))}, not ${inWords(error.data)}`,
        help: typeHelp(path, String(error.params['type'])),
      };
    case 'enum': {
      const allowed = (error.params['allowedValues'] as readonly unknown[]).map(String);
      return {
        code: 'FW3005',
        message: `${subject} cannot be ${inWords(error.data)}`,
        help: `Write ${orList(allowed)}.`,
      };
    }
    case 'const':
      return {
        code: 'FW3005',
        message: `${subject} must be ${String(error.params['allowedValue'])}`,
        help: `Write ${String(path[path.length - 1])}: ${String(error.params['allowedValue'])}.`,
      };
    case 'minItems':
      return {
        code: 'FW3005',
        message: `${subject} is an empty list`,
        help:
          path[path.length - 1] === 'from' ? 'Leave “from” out for any source.' : 'Write at least one item.',
      };
    case 'minLength':
      return {
        code: 'FW3005',
        message: `${subject} is empty`,
        help: 'Write something, or leave the key out.',
      };
    default:
      return { code: 'FW3005', message: `${subject} ${error.message ?? 'is not possible'}` };
  }
}

/** The value that was read, short enough for a sentence. */
function inWords(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  const text = String(value);
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}

function subjectOf(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the policy';
  const [list, index, ...rest] = path;
  const isEntry = (list === 'allow' || list === 'deny' || list === 'require') && typeof index === 'number';
  if (!isEntry) return `“${path.filter((step) => typeof step === 'string').join('.')}”`;
  const entry = `${list} entry ${index + 1}`;
  const key = rest.find((step) => typeof step === 'string');
  return key === undefined ? entry : `“${key}” of ${entry}`;
}

function missingKeyHelp(key: string): string {
  if (key === 'version') return 'Write version: 1 as the first line.';
  if (key === 'reason') return 'Write reason: and why, in words that the next reader understands.';
  return `Write ${key}: and its value.`;
}

function typeInWords(type: string): string {
  const words = new Map([
    ['array', 'a list'],
    ['object', 'a group of keys'],
    ['string', 'text'],
    ['integer', 'a whole number'],
  ]);
  return type
    .split(',')
    .map((one) => words.get(one) ?? one)
    .join(' or ');
}

function typeHelp(path: readonly (string | number)[], type: string): string {
  const key = path.findLast((step) => typeof step === 'string');
  if (type === 'array')
    return key === 'ports' ? 'Write ports: [443/tcp].' : `Write ${key ?? ''}: followed by a list: [a, b].`;
  if (type === 'string') return 'Put the value in quotes.';
  return path.length === 0 ? 'A policy starts with version: 1.' : 'See rulesets/schema/policy.schema.json.';
}

function orList(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]!}`;
}
