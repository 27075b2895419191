import type { Form, Row } from '../form.ts';
import { csvFields } from '../form.ts';

/** `tasklist /svc /fo csv`: names for the process numbers of `netstat -ano`. Headings are in the system's language. */
export const tasklist: Form = {
  command: 'tasklist /svc /fo csv',
  heading: (line) => (/^"[^"]+","PID","[^"]+"/.test(line) ? row : undefined),
  bare: (line) => (/^"[^"]*","\d+","/.test(line) ? row(line) : undefined),
};

function row(line: string): Row | undefined {
  const [name, pid, services, ...more] = csvFields(line);
  if (name === undefined || pid === undefined || !/^\d+$/.test(pid)) return undefined;
  // Without /svc the third column is the session's name, and two more follow. N/A and its translations: no service.
  const listed = more.length === 0 && services !== undefined && /^[\w,@$ -]+$/.test(services) ? services : '';
  return {
    kind: 'process',
    pid: Number(pid),
    name: listed === '' ? name : `${name} (${listed.replaceAll(',', ', ')})`,
  };
}
