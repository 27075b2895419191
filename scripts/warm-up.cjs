// node warm-up.cjs LAUNCHER RESULT ARGUMENTS...: runs fw-audit, then writes which chunks it loaded, and the compiled code of each pack.
'use strict';
const { writeFileSync } = require('node:fs');

const [, script, launcher, result, ...rest] = process.argv;
process.argv = [process.argv[0], script, ...rest];
process.stdout.write = () => true;
const { modules, scripts } = require(launcher);
process.on('exit', () => {
  writeFileSync(result, JSON.stringify([...modules.keys()]));
  for (const [file, compiled] of scripts) writeFileSync(`${file}.code`, compiled.createCachedData());
});
