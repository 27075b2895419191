#!/usr/bin/env node
// Starts fw-audit from its packs: scripts that hold the chunks of the bundle, each with V8's compiled code beside it where the build could
// make it. Compiling is most of what a small audit would cost (190 ms against 80 ms); V8 ignores code of another version, so that
// only speed hangs on it.
'use strict';
const { readFileSync } = require('node:fs');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');

/** The pack of each chunk, written by the build. */
const packOf = JSON.parse('__PACKS__');
const definitions = new Map();
const modules = new Map();
const scripts = new Map();
/** What the chunks, once ES modules, call import.meta.url. */
const here = pathToFileURL(__filename).href;

function loadPack(name) {
  const file = `${__dirname}/packs/${name}.js`;
  let cachedData;
  try {
    cachedData = readFileSync(`${file}.code`);
  } catch {
    // Built without, or for another machine.
  }
  // The build writes nothing beyond ASCII, which is the fastest to read.
  const script = new Script(readFileSync(file, 'latin1'), { filename: `fw-audit/${name}.js`, cachedData });
  scripts.set(file, script);
  for (const [chunk, define] of Object.entries(script.runInThisContext())) definitions.set(chunk, define);
}

function load(path) {
  if (!path.startsWith('.')) return require(path);
  const chunk = path.slice(path.lastIndexOf('/') + 1);
  let module = modules.get(chunk);
  if (module === undefined) {
    module = { exports: {} };
    modules.set(chunk, module);
    if (!definitions.has(chunk)) loadPack(packOf[chunk]);
    definitions.get(chunk)(module.exports, load, module, here);
  }
  return module.exports;
}

/** For the build, which runs samples to learn what they load and to keep their compiled code. */
module.exports = { modules, scripts };
load('./fw-audit.js');
