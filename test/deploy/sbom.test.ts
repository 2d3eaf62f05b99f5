/** The bill of materials (https://cyclonedx.org/docs/1.5/json/) lists what is deployed, and nothing else. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { licencesIn } from '../licences.ts';
import { root } from './pack.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly {
    readonly license?: { readonly id?: string; readonly name?: string };
    readonly expression?: string;
  }[];
}

describe('npm run sbom', () => {
  const text = execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8' });
  const bom = JSON.parse(text);
  const components: Component[] = bom.components;
  const deployed = licencesIn(root).filter(({ dev }) => !dev);

  test('writes CycloneDX for this version of the project', () => {
    assert.equal(bom.bomFormat, 'CycloneDX');
    assert.match(bom.specVersion, /^1\.\d+$/);
    assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const { component } = bom.metadata;
    assert.deepEqual(
      [component.type, component.name, component.version],
      ['application', name, version],
    );
    assert.equal(component.purl, `pkg:npm/${name}@${version}`);
  });

  test('lists each deployed package with its version, and no other', () => {
    assert.ok(deployed.length > 20);
    assert.deepEqual(
      components.map(({ name, version }) => `${name}@${version}`).toSorted(),
      [...new Set(deployed.map(({ name, version }) => `${name}@${version}`))].toSorted(),
    );
  });

  test('lists each package of which code is in the bundles', () => {
    const names = new Set(components.map(({ name }) => name));
    const sources = globSync('dist/*.map', { cwd: root }).flatMap(
      (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).sources as string[],
    );
    const bundled = new Set(
      sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []),
    );
    assert.ok(['google-auth-library', 'jose', 'yaml'].every((name) => bundled.has(name)));
    for (const name of [...bundled, '@google-cloud/functions-framework']) {
      assert.ok(names.has(name), name);
    }
  });

  test('gives each package its hash, its purl, and the licence that it has itself', () => {
    const licences = new Map(
      deployed.map(({ name, version, licence }) => [`${name}@${version}`, licence]),
    );
    for (const { name, version, purl, hashes, licenses } of components) {
      assert.equal(decodeURIComponent(purl), `pkg:npm/${name}@${version}`);
      assert.ok(
        hashes.every(({ alg, content }) => alg === 'SHA-512' && /^[0-9a-f]{128}$/.test(content)),
      );
      assert.equal(hashes.length, 1, name);
      const [{ license, expression } = {}] = licenses;
      assert.equal(
        license?.id ?? expression ?? license?.name,
        licences.get(`${name}@${version}`),
        name,
      );
    }
  });

  test('has references that lead somewhere, each once', () => {
    const refs = components.map((component) => component['bom-ref']);
    assert.equal(new Set(refs).size, refs.length);
    const known = new Set([...refs, bom.metadata.component['bom-ref']]);
    for (const { ref, dependsOn = [] } of bom.dependencies) {
      for (const each of [ref, ...dependsOn]) assert.ok(known.has(each), each);
    }
  });

  test('names no registry and no file of this machine', () => {
    assert.doesNotMatch(text, /registry|file:|\/tmp\/|\/home\//);
  });
});
