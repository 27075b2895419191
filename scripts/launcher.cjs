#!/usr/bin/env node
// Starts fw-audit from its packs: scripts that hold the chunks of the bundle, each with V8's compiled code beside it where the build could
// make it. Compiling is most of what a small audit would cost (190 ms against 80 ms); V8 ignores code of another version, so that
// only speed hangs on it.
'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

/** The pack of each chunk, written by the build. */
const packOf = JSON.parse('__PACKS__');
const packs = new Map();
const modules = new Map();
const scripts = new Map();
/** What the chunks, once ES modules, call import.meta. */
const here = {
  get url() {
    return require('node:url').pathToFileURL(__filename).href;
  },
};

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
  const pack = { exports: {} };
  script.runInThisContext()(pack.exports, load, pack, here);
  return pack.exports;
}

function load(path) {
  if (!path.startsWith('.')) return require(path);
  const chunk = path.slice(path.lastIndexOf('/') + 1);
  let module = modules.get(chunk);
  if (module === undefined) {
    const name = packOf[chunk];
    let pack = packs.get(name);
    if (pack === undefined) packs.set(name, (pack = loadPack(name)));
    modules.set(chunk, (module = pack[chunk]()));
  }
  return module;
}

/** For the build, which runs samples to learn what they load and to keep their compiled code. */
module.exports = { modules, scripts };
load('./__ENTRY__');
