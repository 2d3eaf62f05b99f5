// Preloaded by the rehearsal: when the process ends, it writes the bytecode of each script beside it.

const { writeFileSync } = require('node:fs');
const vm = require('node:vm');

const scripts = new Map();

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    scripts.set(options.filename, this);
  }
};

process.on('exit', () => {
  for (const [file, script] of scripts)
    writeFileSync(`${file}.bytecode`, script.createCachedData());
});
