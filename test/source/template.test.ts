import { expect, it } from 'vitest';
import { templateSign } from '../../src/source/template.ts';

it.each<[string, string, string | undefined]>([
  ['rules.v4.j2', '-A INPUT -j ACCEPT', 'Jinja'],
  ['rules.erb', '*filter', 'ERB'],
  [
    'rules.v4',
    '*filter\n{% for p in ports %}\n-A INPUT -p tcp --dport {{ p }} -j ACCEPT\n{% endfor %}',
    'Jinja',
  ],
  ['pf.conf', 'pass in\n<% if @web -%>\npass in proto tcp to port 80\n<% end -%>', 'ERB'],
  ['rules.v4', '# {% raw %}\n-A INPUT -m comment --comment "{{ x }}" -j ACCEPT', undefined],
  ['pf.conf', 'table <%x> persist', undefined],
])('tells templates from rules: %s', (path, text, language) => {
  expect(templateSign(path, text)?.language).toBe(language);
});

it('takes time in proportion to the text', () => {
  const started = performance.now();
  expect(templateSign('x', '{% '.repeat(20_000).concat('\n').repeat(2))).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(1000);
});
